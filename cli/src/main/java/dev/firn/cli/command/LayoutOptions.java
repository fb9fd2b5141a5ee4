package dev.firn.cli.command;

import dev.firn.SortTerm;
import dev.firn.TableDefinition;
import dev.firn.Terms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a new table is laid out. Filled by picocli. */
final class LayoutOptions {
  @Option(
      names = "--partition",
      paramLabel = "TERM",
      description =
          "Partition by a column or day(c), month(c), year(c), hour(c), bucket(16, c), truncate(4, c); repeatable.")
  List<String> partitions = new ArrayList<>();

  @Option(
      names = "--sort",
      paramLabel = "TERM",
      description =
          "Sort files by a column or transform, with asc|desc [nulls first|last]; repeatable.")
  List<String> sort = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "COLUMN",
      description = "A column whose values name a row; repeatable.")
  List<String> key = new ArrayList<>();

  @Option(
      names = "--format-version",
      paramLabel = "2|3",
      description = "Iceberg format version (default 2).")
  @Nullable Integer formatVersion;

  @Option(
      names = "--table-property",
      paramLabel = "KEY=VALUE",
      description = "A table property, Iceberg's or firn.*; repeatable.")
  Map<String, String> properties = new LinkedHashMap<>();

  /** Whether any of them was used. */
  boolean given() {
    return formatVersion != null
        || !(partitions.isEmpty() && sort.isEmpty() && key.isEmpty() && properties.isEmpty());
  }

  /** Of a table of that name. */
  Consumer<TableDefinition> layout(String table) {
    EvolveProperties.check(table, properties);
    return definition -> {
      partitions.forEach(term -> definition.partitionBy(Terms.parse(term)));
      sort.forEach(term -> definition.sortBy(SortTerm.parse(term)));
      definition.key(key.toArray(String[]::new));
      if (formatVersion != null) {
        definition.formatVersion(formatVersion);
      }
      properties.forEach(definition::property);
    };
  }
}
