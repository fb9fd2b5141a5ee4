package dev.firn.keyindex;

import dev.firn.error.FirnException;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;

/** The partition specs of delete files. Stateless. */
final class Specs {
  private Specs() {}

  /** Returns the spec that the file is of; CORRUPT where the table does not have it. */
  static PartitionSpec of(Table table, DeleteFile file) {
    PartitionSpec spec = table.specs().get(file.specId());
    if (spec == null) {
      throw FirnException.corrupt(
          "Cannot index a delete file: the table has no partition spec "
              + file.specId()
              + " ["
              + file.location()
              + " of table "
              + table.name()
              + "]; roll back to a snapshot without it",
          null);
    }
    return spec;
  }
}
