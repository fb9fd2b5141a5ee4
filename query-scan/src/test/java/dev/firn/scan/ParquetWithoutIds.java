package dev.firn.scan;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.iceberg.io.FileIO;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** A Parquet file of one row of strings, as tools other than Iceberg write it. */
final class ParquetWithoutIds {
  private ParquetWithoutIds() {}

  static void write(FileIO io, String location, String[] names, String[] values)
      throws IOException {
    Types.MessageTypeBuilder columns = Types.buildMessage();
    for (String name : names) {
      columns.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named(name);
    }
    MessageType type = columns.named("table");
    Group row = new SimpleGroup(type);
    for (int i = 0; i < names.length; i++) {
      row.add(names[i], values[i]);
    }
    Path local = Files.createTempDirectory("firn").resolve("file.parquet");
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(local)).withType(type).build()) {
      writer.write(row);
    }
    try (OutputStream out = io.newOutputFile(location).create()) {
      Files.copy(local, out);
    }
    Files.delete(local);
    Files.delete(local.getParent());
  }
}
