package dev.firn.it.cost;

import java.util.Locale;

/** What a file of a table is, told by its name. */
enum FileKind {
  METADATA_JSON("metadata.json"),
  MANIFEST_LIST("manifest list"),
  MANIFEST("manifest"),
  DATA("data"),
  DELETES("deletes"),
  PUFFIN("puffin"),
  SEVERAL("several"),
  OTHER("other");

  private final String label;

  FileKind(String label) {
    this.label = label;
  }

  /** Returns how the golden file calls it. */
  String label() {
    return label;
  }

  /** Returns the kind of the file; of none, {@link #SEVERAL}. */
  static FileKind of(String key) {
    String name = key.substring(key.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    if (name.isEmpty()) {
      return SEVERAL;
    } else if (name.endsWith(".metadata.json")) {
      return METADATA_JSON;
    } else if (name.endsWith(".avro")) {
      return name.startsWith("snap-") ? MANIFEST_LIST : MANIFEST;
    } else if (name.endsWith(".puffin")) {
      return PUFFIN;
    } else if (name.endsWith(".parquet")) {
      return name.contains("-deletes") ? DELETES : DATA;
    }
    return OTHER;
  }
}
