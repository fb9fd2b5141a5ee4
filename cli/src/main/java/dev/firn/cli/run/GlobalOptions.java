package dev.firn.cli.run;

import dev.firn.cli.output.OutputFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. Filled by picocli. */
public final class GlobalOptions {
  @Option(
      names = {"-w", "--warehouse"},
      paramLabel = "URI",
      scope = ScopeType.INHERIT,
      description = "Where tables are: a path or a URI (FIRN_WAREHOUSE; default ./warehouse).")
  @Nullable String warehouse;

  @Option(
      names = "--catalog",
      paramLabel = "URI",
      scope = ScopeType.INHERIT,
      description =
          "Where table pointers are: jdbc:postgresql://…, jdbc:sqlite:…, http(s)://… (FIRN_CATALOG; default: firn.db in the warehouse).")
  @Nullable String catalog;

  @Option(
      names = "--property",
      paramLabel = "KEY=VALUE",
      scope = ScopeType.INHERIT,
      description = "A catalog or store property, such as s3.endpoint=…; repeatable.")
  Map<String, String> properties = new LinkedHashMap<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      scope = ScopeType.INHERIT,
      description = "table, json or csv (FIRN_OUTPUT; default table).")
  @Nullable OutputFormat output;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log what happens, and show stack traces of errors.")
  boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "No messages and no progress; errors only.")
  boolean quiet;

  @Option(
      names = "--progress",
      negatable = true,
      scope = ScopeType.INHERIT,
      description = "Show progress even where stderr is no terminal, or never.")
  @Nullable Boolean progress;

  @Option(
      names = {"-y", "--yes"},
      scope = ScopeType.INHERIT,
      description = "Do not ask before removing something.")
  boolean yes;

  /** Returns whether stack traces are wanted. */
  public boolean verbose() {
    return verbose;
  }

  /** Returns the format asked for, or null. */
  public @Nullable OutputFormat output() {
    return output;
  }
}
