package dev.firn.cli.run;

import dev.firn.cli.output.OutputFormat;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the command runs with: options over environment over {@code firn.yaml} over defaults.
 * Immutable.
 *
 * @param lakehouse the properties of {@code dev.firn.Settings.of(Map)}
 */
record CliSettings(Map<String, String> lakehouse, OutputFormat output) {
  private static final String DEFAULT_WAREHOUSE = "warehouse";
  private static final String WAREHOUSE = "warehouse";
  private static final String CATALOG = "catalog";
  private static final String OUTPUT = "output";
  private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]+:.*");
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "FIRN_WAREHOUSE",
          WAREHOUSE,
          "FIRN_CATALOG",
          CATALOG,
          "FIRN_CATALOG_NAME",
          "catalog.name",
          "FIRN_CATALOG_USER",
          "catalog.user",
          "FIRN_CATALOG_PASSWORD",
          "catalog.password",
          "FIRN_OUTPUT",
          OUTPUT);

  private static final String PREFIX = "FIRN_";

  /** Read here under other names, or by the launcher. */
  private static final List<String> OTHER_VARIABLES =
      List.of("FIRN_CONFIG", "FIRN_JAVA_OPTS", "FIRN_NO_BUILD");

  CliSettings {
    lakehouse = Map.copyOf(lakehouse);
  }

  /** Merges all sources. */
  static CliSettings of(GlobalOptions options, Host host) {
    Map<String, String> merged = new TreeMap<>();
    merged.put(WAREHOUSE, absolute(host.directory(), DEFAULT_WAREHOUSE));
    merged.putAll(fromFile(host));
    merged.putAll(fromEnvironment(host));
    merged.putAll(fromOptions(options, host));
    String format = merged.remove(OUTPUT);
    OutputFormat output = options.output();
    if (output == null) {
      output = format == null ? OutputFormat.TABLE : format(format);
    }
    return new CliSettings(merged, output);
  }

  private static Map<String, String> fromFile(Host host) {
    String named = host.environment().get("FIRN_CONFIG");
    Path file = host.directory().resolve(named == null ? FirnYaml.NAME : named);
    if (Files.exists(file)) {
      return FirnYaml.read(file);
    }
    if (named != null) {
      throw FirnException.notFound(
          "Cannot read settings: FIRN_CONFIG names a file that is not there [%s]".formatted(file));
    }
    return Map.of();
  }

  private static Map<String, String> fromEnvironment(Host host) {
    Map<String, String> settings = new LinkedHashMap<>();
    ENVIRONMENT.forEach(
        (variable, key) -> {
          String value = host.environment().get(variable);
          if (value != null && !value.isEmpty()) {
            settings.put(key, value);
          }
        });
    settings.computeIfPresent(WAREHOUSE, (key, value) -> absolute(host.directory(), value));
    return settings;
  }

  private static Map<String, String> fromOptions(GlobalOptions options, Host host) {
    Map<String, String> settings = new LinkedHashMap<>(options.properties);
    if (options.warehouse != null) {
      settings.put(WAREHOUSE, absolute(host.directory(), options.warehouse));
    }
    if (options.catalog != null) {
      settings.put(CATALOG, options.catalog);
    }
    return settings;
  }

  /**
   * Returns a line for each variable whose name is nearly one that is read. Others that begin with
   * FIRN_ may be anybody's: an orchestrator makes some for a service of that name.
   */
  static List<String> mistyped(Map<String, String> environment) {
    Set<String> known = new TreeSet<>(ENVIRONMENT.keySet());
    known.addAll(OTHER_VARIABLES);
    List<String> names = known.stream().map(name -> name.substring(PREFIX.length())).toList();
    List<String> lines = new ArrayList<>();
    for (String variable : new TreeSet<>(environment.keySet())) {
      if (variable.startsWith(PREFIX) && !known.contains(variable)) {
        NearMatch.of(variable.substring(PREFIX.length()), names).stream()
            .findFirst()
            .ifPresent(
                near ->
                    lines.add(
                        "Warning: the environment variable %s has no effect; did you mean %s?"
                            .formatted(variable, PREFIX + near)));
      }
    }
    return lines;
  }

  /** Reads the name of a format. */
  static OutputFormat format(String text) {
    for (OutputFormat format : OutputFormat.values()) {
      if (format.name().equalsIgnoreCase(text)) {
        return format;
      }
    }
    throw FirnException.invalid(
        "Cannot use output format '%s': expected table, json or csv%s"
            .formatted(
                text,
                NearMatch.hint(text.toLowerCase(Locale.ROOT), List.of("table", "json", "csv"))));
  }

  /** Resolves a relative path; leaves a URI as it is. */
  static String absolute(@Nullable Path directory, String warehouse) {
    if (directory == null || SCHEME.matcher(warehouse).matches()) {
      return warehouse;
    }
    return directory.resolve(warehouse).normalize().toString();
  }
}
