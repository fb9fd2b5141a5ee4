package dev.firn.ingest.read;

import dev.firn.ingest.value.DateStyle;
import dev.firn.ingest.value.FieldIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.types.Types;

/**
 * Reads a set of files once, or a sample of each, and finds one schema for all of them. A builder;
 * confined to one thread.
 */
public final class Inference {
  private final BufferAllocator allocator;
  private final ReadMonitor monitor;
  private final RejectHandler rejects;
  private final CsvInference csv;
  private final JsonInference json;
  private final Map<Source, JsonLayout> layouts = new HashMap<>();
  private final Map<String, Types.StructType> typed = new LinkedHashMap<>();

  private Inference(
      ReadOptions options, BufferAllocator allocator, ReadMonitor monitor, RejectHandler rejects) {
    this.allocator = allocator;
    this.monitor = monitor;
    this.rejects = rejects;
    this.csv = new CsvInference(options);
    this.json = new JsonInference(options);
  }

  /**
   * Finds the schema. {@code rejects} learns of rows that have no place in any schema (ragged CSV
   * rows, JSON that is no object), which are otherwise left out.
   *
   * @param allocator borrowed, for Arrow files
   */
  public static InferredSchema run(
      InputSet inputs,
      ReadOptions options,
      BufferAllocator allocator,
      ReadMonitor monitor,
      RejectHandler rejects) {
    Inference inference = new Inference(options, allocator, monitor, rejects);
    inputs.sources().forEach(inference::add);
    return inference.result(inputs.notes());
  }

  /** Returns a note on a column as a sentence; one that has no verb follows a colon. */
  static String columnNote(String column, String note) {
    boolean verb = note.startsWith("holds ") || note.startsWith("has ");
    return "column '%s'%s %s".formatted(column, verb ? "" : ":", note);
  }

  private void add(Source source) {
    switch (source.format()) {
      case CSV -> csv.add(source, monitor, rejects);
      case JSON, NDJSON -> layouts.put(source, json.add(source, monitor, rejects));
      case PARQUET, ARROW -> {
        try (TypedFile file = Readers.openTyped(source, allocator, ReadMonitor.NONE)) {
          typed.put(source.name(), file.schema().asStruct());
        }
      }
    }
  }

  private InferredSchema result(List<String> inputNotes) {
    Map<String, DateStyle> styles = new HashMap<>();
    List<String> notes = new ArrayList<>(inputNotes);
    for (Inferred part : List.of(csv, json)) {
      part.styles(styles);
      part.notes(notes);
    }
    return new InferredSchema(
        SchemaUnion.of(structs(false)),
        SchemaUnion.of(structs(true)),
        styles,
        layouts,
        notes,
        csv.rows() + json.rows());
  }

  private Map<String, Types.StructType> structs(boolean narrow) {
    Map<String, Types.StructType> structs = new LinkedHashMap<>();
    addIfAny(structs, "the CSV files", csv, narrow);
    addIfAny(structs, "the JSON files", json, narrow);
    structs.putAll(typed);
    return structs;
  }

  private static void addIfAny(
      Map<String, Types.StructType> structs, String name, Inferred part, boolean narrow) {
    Types.StructType struct = part.struct(new FieldIds(), narrow);
    if (!struct.fields().isEmpty()) {
      structs.put(name, struct);
    }
  }
}
