package dev.firn.format.parquet.proof.suite;

import java.io.IOException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.TestReadProjection;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.CloseableIterator;
import org.apache.iceberg.io.FileAppender;
import org.apache.iceberg.io.OutputFile;

/** Iceberg's suite of projections, written and read by us. */
class ReadProjectionSuiteTest extends TestReadProjection {
  @Override
  protected Record writeAndRead(
      String description, Schema writeSchema, Schema readSchema, Record record) throws IOException {
    OutputFile file = new InMemoryOutputFile();
    try (FileAppender<Record> appender =
        new FirnWriteBuilder<>(file, Boxing.generic()).schema(writeSchema).build()) {
      appender.add(record);
    }
    try (CloseableIterable<Record> read =
            new FirnReadBuilder<>(file.toInputFile(), Boxing.generic())
                .project(readSchema)
                .build();
        CloseableIterator<Record> rows = read.iterator()) {
      return rows.next();
    }
  }
}
