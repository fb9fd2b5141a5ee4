package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.iceberg.data.Record;

/**
 * What can be seen in a namespace, but for how it is stored: equal before and after an operation
 * that was not applied, whichever namespace it ran in.
 */
record FaultState(List<String> namespaces, Map<String, TableState> tables) {
  /**
   * @param rows the rows of every branch and tag
   * @param properties those of users
   * @param tokens of the channels that have any
   */
  record TableState(
      List<String> columns,
      Map<String, List<Long>> rows,
      Map<String, String> properties,
      Map<String, String> tokens) {}

  /** Reads the namespace; fails where a row is there twice or a file is not among those present. */
  static FaultState of(Lakehouse lake, String namespace, Set<String> present) {
    List<String> namespaces =
        lake.namespaces().stream()
            .filter(name -> name.startsWith(namespace + "."))
            .map(name -> name.substring(namespace.length()))
            .toList();
    Map<String, TableState> tables = new TreeMap<>();
    for (String name : lake.tables(namespace)) {
      tables.put(name.substring(namespace.length()), table(lake.table(name), present));
    }
    return new FaultState(namespaces, tables);
  }

  private static TableState table(LakeTable table, Set<String> present) {
    assertThat(present).containsAll(locations(TableFiles.neededLocations(table.iceberg())));
    Map<String, List<Long>> rows = new TreeMap<>();
    for (RefInfo ref : table.refs()) {
      rows.put(ref.name(), ids(table.scan().ref(ref.name())));
    }
    Map<String, String> properties = new TreeMap<>(table.iceberg().properties());
    properties.keySet().removeIf(key -> !key.startsWith("user."));
    List<String> columns =
        table.schema().columns().stream().map(column -> column.toString()).toList();
    Map<String, String> tokens = new TreeMap<>();
    for (ChannelInfo channel : table.channels()) {
      if (channel.token() != null) {
        tokens.put(channel.channel(), channel.token());
      }
    }
    return new TableState(columns, rows, properties, tokens);
  }

  /** Returns locations as they are listed: of local files, their paths. */
  static Set<String> locations(Set<String> files) {
    Set<String> locations = new TreeSet<>();
    for (String file : files) {
      locations.add(file.startsWith("file:") ? TableFiles.path(file).toString() : file);
    }
    return locations;
  }

  private static List<Long> ids(LakeScan scan) {
    List<Long> ids = new ArrayList<>();
    for (Record row : scan.toList()) {
      ids.add((Long) row.get(0));
    }
    ids.sort(null);
    assertThat(ids).doesNotHaveDuplicates();
    return ids;
  }
}
