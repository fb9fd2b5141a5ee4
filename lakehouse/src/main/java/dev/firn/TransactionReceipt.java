package dev.firn;

import dev.firn.catalog.commit.CommitReceipt;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a transaction committed. Immutable.
 *
 * @param tables the snapshots that it made, by full name: one for each branch that got or lost rows
 *     (main's first); none where only columns, layout or properties changed. Tables that it left
 *     alone are missing
 */
public record TransactionReceipt(Map<String, List<CommitReceipt>> tables) {
  public TransactionReceipt {
    tables = Map.copyOf(tables);
  }

  /** Returns the first snapshot made of a table, or empty where there is none. */
  public Optional<CommitReceipt> of(String table) {
    return tables.getOrDefault(table, List.of()).stream().findFirst();
  }
}
