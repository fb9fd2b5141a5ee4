package dev.firn.catalog.jdbc;

import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Result;
import dev.firn.catalog.jdbc.Pointers.Swap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.catalog.TableIdentifier;

/** A writer whose metadata locations count: the last one says how many swaps were applied. */
final class Counting {
  private Counting() {}

  /** Moves the pointer on so many times, reading it anew where others came first. */
  static int count(Database database, TableIdentifier table, int times) {
    Pointers pointers = new Pointers(database, "firn");
    int applied = 0;
    while (applied < times) {
      String from = pointers.find(table).orElseThrow();
      String to = Integer.toString(Integer.parseInt(from) + 1);
      Swap swap = new Swap(List.of(new Move(table, from, to)), List.of(), List.of());
      applied += pointers.swap(swap) instanceof Result.Applied ? 1 : 0;
    }
    return applied;
  }

  /** The writer as a process: URI, namespace, table, how often; begins when it is told to. */
  public static void main(String[] arguments) throws IOException {
    try (Database database = Connections.open(arguments[0], Map.of(), UnaryOperator.identity())) {
      System.out.println("open");
      int unused = System.in.read();
      TableIdentifier table = TableIdentifier.of(arguments[1], arguments[2]);
      System.out.println(count(database, table, Integer.parseInt(arguments[3])));
    }
  }
}
