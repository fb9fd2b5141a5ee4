package dev.firn.cli.command;

import dev.firn.cli.run.Session;
import dev.firn.error.FirnException;
import dev.firn.ingest.LoadRequest;
import dev.firn.ingest.OnError;
import dev.firn.ingest.SchemaText;
import dev.firn.ingest.read.InputFormat;
import dev.firn.ingest.read.ReadOptions;
import dev.firn.ingest.value.DateOrder;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How input files are read, for {@code load} and {@code append}. Filled by picocli. */
final class ReadingOptions {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "csv, json, ndjson, parquet or arrow (default: found by name and content).")
  @Nullable String format;

  @Option(
      names = "--schema",
      paramLabel = "SCHEMA",
      description = "Columns as \"name type, …\" instead of inferred ones.")
  @Nullable String schema;

  @Option(
      names = "--evolve",
      description = "Add columns that the table lacks, and widen narrow ones.")
  boolean evolve;

  @Option(
      names = "--on-error",
      paramLabel = "fail|quarantine",
      description =
          "A row that does not fit stops the load (default), or goes with its reason into TABLE__rejected.")
  OnError onError = OnError.FAIL;

  @Option(
      names = "--sample",
      paramLabel = "ROWS",
      description = "Infer from so many rows of each file instead of all.")
  long sample;

  @Option(
      names = "--delimiter",
      paramLabel = "CHAR",
      description = "What separates CSV fields; \\t is a tab.")
  @Nullable String delimiter;

  @Option(
      names = "--quote",
      paramLabel = "CHAR",
      description = "What encloses CSV fields (default \").")
  @Nullable String quote;

  @Option(
      names = "--header",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Whether the first CSV line names the columns (default: it does).")
  boolean header = true;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      split = ",",
      description = "Names of CSV columns where there is no header.")
  @Nullable List<String> columns;

  @Option(
      names = "--null",
      paramLabel = "TEXT",
      description = "A CSV field that means null, besides the empty one.")
  @Nullable String nullText;

  @Option(
      names = "--records-at",
      paramLabel = "MEMBER",
      description = "The member of a JSON object that holds the rows; . is the object itself.")
  @Nullable String recordsAt;

  @Option(
      names = "--date-order",
      paramLabel = "mdy|dmy|ymd",
      description = "What 1/2/2026 means where a whole column leaves it open.")
  @Nullable String dateOrder;

  ReadOptions options() {
    ReadOptions options =
        ReadOptions.DEFAULT
            .format(format == null ? null : InputFormat.parse(format))
            .header(header)
            .columnNames(columns)
            .nullText(nullText)
            .recordsAt(recordsAt)
            .sampleRows(Checks.notNegative("--sample", sample))
            .dateOrder(dateOrder == null ? null : DateOrder.parse(dateOrder))
            .delimiter(delimiter == null ? null : character("--delimiter", delimiter));
    return quote == null ? options : options.quote(character("--quote", quote));
  }

  private static char character(String option, String text) {
    String plain = text.equals("\\t") ? "\t" : text;
    if (plain.length() != 1) {
      throw FirnException.invalid(
          "Cannot use %s '%s': expected one character".formatted(option, text));
    }
    return plain.charAt(0);
  }

  @Nullable Schema schema() {
    return schema == null ? null : SchemaText.parse(schema);
  }

  LoadRequest request(String table, List<String> inputs, Session session) {
    Path directory = session.host().directory();
    return LoadRequest.of(table, inputs.stream().map(input -> at(directory, input)).toList())
        .options(options())
        .schema(schema())
        .evolve(evolve)
        .onError(onError)
        .stdin(session.host().in());
  }

  /** Leaves names as they are written, for messages, unless they mean another directory's. */
  static String at(Path directory, String input) {
    boolean here = directory.equals(Path.of("").toAbsolutePath());
    return here || input.equals("-") ? input : directory.resolve(input).toString();
  }
}
