package dev.firn.ingest;

import dev.firn.ingest.read.InferredSchema;
import dev.firn.ingest.read.ReadOptions;
import java.util.List;
import org.apache.iceberg.Schema;

/**
 * What a load is going to do, decided before its first row is converted. Immutable.
 *
 * @param options how the inputs are read
 * @param inferred what they hold
 * @param schema the table's schema afterwards
 * @param changes to a table that is there, one sentence each
 * @param notes on choices that a user should know, one sentence each
 */
record LoadPlan(
    ReadOptions options,
    InferredSchema inferred,
    Schema schema,
    List<String> changes,
    List<String> notes) {

  LoadPlan {
    changes = List.copyOf(changes);
    notes = List.copyOf(notes);
  }

  boolean evolves() {
    return !changes.isEmpty();
  }
}
