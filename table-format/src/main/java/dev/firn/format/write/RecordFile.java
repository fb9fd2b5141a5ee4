package dev.firn.format.write;

import dev.firn.format.arrow.ArrowRows;
import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.DataWriter;

/** A data file of a row format, by Iceberg's writer. Confined to one thread. */
final class RecordFile implements OpenFile {
  private final DataWriter<Record> writer;
  private final CountedOutput output;
  private final Schema schema;
  private long rows;

  RecordFile(DataWriter<Record> writer, CountedOutput output, Schema schema) {
    this.writer = writer;
    this.output = output;
    this.schema = schema;
  }

  @Override
  public void write(VectorSchemaRoot batch, int from, int count) {
    for (Record row : ArrowRows.rows(batch, schema, from, count)) {
      writer.write(row);
    }
    rows += count;
  }

  @Override
  public String location() {
    return output.location();
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public long length() {
    return writer.length();
  }

  @Override
  public long memory() {
    return Math.max(0, writer.length() - output.flushed());
  }

  @Override
  public void shed() {
    // Iceberg's writers decide alone when to write.
  }

  @Override
  public DataFile finish() throws IOException {
    writer.close();
    return writer.toDataFile();
  }

  @Override
  public void abandon() throws IOException {
    writer.close();
  }
}
