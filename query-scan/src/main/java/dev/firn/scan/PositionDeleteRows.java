package dev.firn.scan;

import dev.firn.format.write.DeleteFileReads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types.NestedField;

/**
 * What position delete files and deletion vectors say: which rows of which data files are deleted.
 * Thread-safe; what it opens is confined to one thread. A vector is held whole, 8 bytes a row; a
 * file is read as its rows are asked for.
 */
public final class PositionDeleteRows {
  private final Table table;
  private final DeleteFiles files;

  public PositionDeleteRows(Table table) {
    this.table = table;
    this.files = new DeleteFiles(table, 0);
  }

  /**
   * Opens the rows as records of data file, position, and {@code row}'s columns, which are null
   * where the file does not hold the rows themselves. The caller closes them.
   */
  public CloseableIterable<Record> open(DeleteFile file, List<NestedField> row) {
    List<NestedField> fields = new ArrayList<>();
    fields.add(MetadataColumns.DELETE_FILE_PATH);
    fields.add(MetadataColumns.DELETE_FILE_POS);
    fields.addAll(row);
    Schema columns = new Schema(fields);
    return file.format() == FileFormat.PUFFIN ? vector(file, columns) : rows(file, columns);
  }

  private CloseableIterable<Record> vector(DeleteFile file, Schema columns) {
    String dataFile = String.valueOf(file.referencedDataFile());
    PositionDeleteIndex index = files.loadPositionDeletes(List.of(file), dataFile);
    LongStream.Builder positions = LongStream.builder();
    index.forEach(positions::add);
    long[] all = positions.build().toArray();
    GenericRecord template = GenericRecord.create(columns);
    return CloseableIterable.withNoopClose(
        () ->
            Arrays.stream(all)
                .mapToObj(
                    position -> {
                      Record delete = template.copy();
                      delete.set(0, dataFile);
                      delete.set(1, position);
                      return delete;
                    })
                .iterator());
  }

  private CloseableIterable<Record> rows(DeleteFile file, Schema columns) {
    return FormatModelRegistry.<Record, Object>readBuilder(
            file.format(), Record.class, new StoreInputFile(DeleteFileReads.open(table.io(), file)))
        .project(columns)
        .build();
  }
}
