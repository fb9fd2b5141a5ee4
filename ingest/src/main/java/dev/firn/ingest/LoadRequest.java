package dev.firn.ingest;

import dev.firn.TableDefinition;
import dev.firn.ingest.read.ReadOptions;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What to load, and how. Immutable; each method returns a changed copy.
 *
 * @param table the table, made if it is not there
 * @param inputs files, directories, globs, or "-" for standard input
 * @param options how the inputs are read
 * @param schema the columns and types that the rows get; null: inferred, or the table's
 * @param evolve whether columns that the table lacks are added and narrow ones widened
 * @param layout partitioning, sort order and properties of a table that is made; null: plain
 * @param onError what becomes of rows that do not fit
 * @param progress told how it goes on
 * @param stdin borrowed; read where an input is "-"
 * @param summary extra entries of the snapshot's summary
 */
public record LoadRequest(
    String table,
    List<String> inputs,
    ReadOptions options,
    @Nullable Schema schema,
    boolean evolve,
    @Nullable Consumer<TableDefinition> layout,
    OnError onError,
    LoadProgress progress,
    InputStream stdin,
    Map<String, String> summary) {

  public LoadRequest {
    inputs = List.copyOf(inputs);
    summary = Map.copyOf(summary);
  }

  /** A load with nothing but defaults. */
  public static LoadRequest of(String table, List<String> inputs) {
    return new LoadRequest(
        table,
        inputs,
        ReadOptions.DEFAULT,
        null,
        false,
        null,
        OnError.FAIL,
        LoadProgress.NONE,
        System.in,
        Map.of());
  }

  public LoadRequest options(ReadOptions value) {
    return new LoadRequest(
        table, inputs, value, schema, evolve, layout, onError, progress, stdin, summary);
  }

  public LoadRequest schema(@Nullable Schema value) {
    return new LoadRequest(
        table, inputs, options, value, evolve, layout, onError, progress, stdin, summary);
  }

  public LoadRequest evolve(boolean value) {
    return new LoadRequest(
        table, inputs, options, schema, value, layout, onError, progress, stdin, summary);
  }

  public LoadRequest layout(@Nullable Consumer<TableDefinition> value) {
    return new LoadRequest(
        table, inputs, options, schema, evolve, value, onError, progress, stdin, summary);
  }

  public LoadRequest onError(OnError value) {
    return new LoadRequest(
        table, inputs, options, schema, evolve, layout, value, progress, stdin, summary);
  }

  public LoadRequest progress(LoadProgress value) {
    return new LoadRequest(
        table, inputs, options, schema, evolve, layout, onError, value, stdin, summary);
  }

  public LoadRequest stdin(InputStream value) {
    return new LoadRequest(
        table, inputs, options, schema, evolve, layout, onError, progress, value, summary);
  }

  public LoadRequest summary(Map<String, String> value) {
    return new LoadRequest(
        table, inputs, options, schema, evolve, layout, onError, progress, stdin, value);
  }
}
