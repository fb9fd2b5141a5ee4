package dev.firn.format.write;

import dev.firn.format.parquet.write.ParquetWriter;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;

/** A Parquet data file. Confined to one thread. */
final class ParquetFile implements OpenFile {
  private final ParquetWriter writer;
  private final String location;
  private final PartitionSpec spec;
  private final PartitionKey partition;
  private final SortOrder order;

  ParquetFile(
      ParquetWriter writer,
      String location,
      PartitionSpec spec,
      PartitionKey partition,
      SortOrder order) {
    this.writer = writer;
    this.location = location;
    this.spec = spec;
    this.partition = partition;
    this.order = order;
  }

  @Override
  public void write(VectorSchemaRoot rows, int from, int count) {
    writer.write(rows, from, count);
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public long rows() {
    return writer.rows();
  }

  @Override
  public long length() {
    return writer.length();
  }

  @Override
  public long memory() {
    return writer.memory();
  }

  @Override
  public void shed() {
    writer.endRowGroup();
  }

  @Override
  public DataFile finish() {
    try (writer) {
      writer.finish();
      DataFiles.Builder file =
          DataFiles.builder(spec)
              .withPath(location)
              .withFormat(FileFormat.PARQUET)
              .withFileSizeInBytes(writer.length())
              .withMetrics(writer.metrics())
              .withSplitOffsets(writer.splitOffsets())
              .withSortOrder(order);
      return (spec.isPartitioned() ? file.withPartition(partition) : file).build();
    }
  }

  @Override
  public void abandon() {
    writer.close();
  }
}
