package dev.firn.ingest.read;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;

/** Reads files the way a load does, into memory. */
final class Reading {
  final InferredSchema inferred;
  final List<Record> rows = new ArrayList<>();
  final List<Rejected> rejected = new ArrayList<>();

  private Reading(InferredSchema inferred) {
    this.inferred = inferred;
  }

  static Reading of(Path... files) {
    return of(ReadOptions.DEFAULT, null, List.of(files), RejectHandler.FAIL);
  }

  static Reading of(ReadOptions options, Path... files) {
    return of(options, null, List.of(files), RejectHandler.FAIL);
  }

  /** Reads under a schema; rows that do not fit are collected. */
  static Reading lenient(Schema schema, Path... files) {
    List<Rejected> rejected = new ArrayList<>();
    Reading reading = of(ReadOptions.DEFAULT, schema, List.of(files), rejected::add);
    reading.rejected.addAll(rejected);
    return reading;
  }

  static Reading strict(Schema schema, Path... files) {
    return of(ReadOptions.DEFAULT, schema, List.of(files), RejectHandler.FAIL);
  }

  private static Reading of(
      ReadOptions options, Schema schema, List<Path> files, RejectHandler rejects) {
    List<String> names = files.stream().map(Path::toString).toList();
    InputStream none = new ByteArrayInputStream(new byte[0]);
    try (RootAllocator allocator = new RootAllocator();
        InputSet inputs = InputSet.open(names, options.format(), none)) {
      RejectHandler first = rejects == RejectHandler.FAIL ? rejects : r -> {};
      InferredSchema inferred = Inference.run(inputs, options, allocator, ReadMonitor.NONE, first);
      Reading reading = new Reading(inferred);
      Target target =
          new Target(schema == null ? inferred.schema() : schema, inferred.styles(), rejects);
      for (Source source : inputs.sources()) {
        try (RowSource rows =
            Readers.open(source, options, inferred, target, allocator, ReadMonitor.NONE)) {
          for (Record row = rows.next(); row != null; row = rows.next()) {
            reading.rows.add(row);
          }
        }
      }
      return reading;
    }
  }

  /** The types by column name, as Iceberg writes them. */
  Map<String, String> types() {
    Map<String, String> types = new LinkedHashMap<>();
    for (Types.NestedField field : inferred.schema().columns()) {
      types.put(field.name(), field.type().toString());
    }
    return types;
  }

  List<Object> column(String name) {
    return rows.stream().map(row -> row.getField(name)).toList();
  }

  static Path file(Path directory, String name, String text) throws Exception {
    return Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  static Path resource(String name) throws Exception {
    return Path.of(Reading.class.getResource("/" + name).toURI());
  }
}
