package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.List;
import java.util.Locale;

/** The formats that can be read. */
public enum InputFormat {
  /** Delimited text: commas, tabs, semicolons or bars. */
  CSV,
  /** A JSON array of objects, one object that holds such an array, or a sequence of objects. */
  JSON,
  /** One JSON object per line. */
  NDJSON,
  PARQUET,
  /** Arrow IPC, as a file or as a stream. */
  ARROW;

  /** Parses a name in any case; {@code tsv}, {@code jsonl} and {@code geojson} are understood. */
  public static InputFormat parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "csv", "tsv" -> CSV;
      case "json", "geojson" -> JSON;
      case "ndjson", "jsonl" -> NDJSON;
      case "parquet" -> PARQUET;
      case "arrow", "feather" -> ARROW;
      default ->
          throw FirnException.invalid(
              "Cannot read format '%s': there is no such format, expected csv, json, ndjson, parquet or arrow%s"
                  .formatted(
                      name,
                      NearMatch.hint(name, List.of("csv", "json", "ndjson", "parquet", "arrow"))));
    };
  }

  boolean text() {
    return this == CSV || this == JSON || this == NDJSON;
  }
}
