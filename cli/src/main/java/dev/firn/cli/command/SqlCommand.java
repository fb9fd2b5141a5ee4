package dev.firn.cli.command;

import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.sql.SqlOptions;
import dev.firn.sql.SqlResult;
import dev.firn.sql.SqlScript;
import dev.firn.sql.SqlSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sql",
    description =
        "Run read-only SQL (DuckDB's dialect) over the tables, now or in the past; from -c, -f or stdin.",
    footer = {
      "Examples:",
      "  firn sql -c \"SELECT status, count(*) FROM shop.orders GROUP BY status\"",
      "  firn sql -f report.sql --output csv > report.csv",
      "  firn sql --as-of 2026-01-31 -c \"SELECT sum(total) FROM shop.orders\"",
      "  firn sql -c 'SELECT count(*) FROM shop.\"orders@audit\"'"
    })
final class SqlCommand implements FirnCommand {
  @ArgGroup(exclusive = true)
  Text text = new Text();

  @Mixin PointOptions point = new PointOptions();

  /** At most one of them. */
  static final class Text {
    @Option(
        names = {"-c", "--command"},
        paramLabel = "SQL",
        description = "The SQL; several statements are parted by semicolons.")
    @Nullable String command;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "A file that holds the SQL.")
    @Nullable Path file;
  }

  @Override
  public void run(Session session) {
    List<String> statements = SqlScript.split(text(session));
    if (statements.isEmpty()) {
      throw FirnException.invalid(
          "Cannot run SQL: there is no statement, expected one by -c, -f or stdin");
    }
    SqlOptions at = SqlOptions.DEFAULT.asOf(point.selector(session));
    SqlOptions options = point.currentSchema ? at.inCurrentSchema() : at;
    try (SqlSession sql = SqlSession.open(session.lake(), options)) {
      session.onInterrupt(sql::cancel);
      for (String statement : statements) {
        try (SqlResult result = sql.query(statement)) {
          ScanCommand.print(() -> result, result.schema(), session);
        }
      }
    }
  }

  private String text(Session session) {
    if (text.command != null) {
      return text.command;
    }
    try {
      return text.file == null
          ? new String(session.host().in().readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(session.host().directory().resolve(text.file));
    } catch (NoSuchFileException e) {
      throw new FirnException(
          ErrorKind.NOT_FOUND, "Cannot run SQL: there is no file " + text.file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the SQL: " + e.getMessage(), e);
    }
  }
}
