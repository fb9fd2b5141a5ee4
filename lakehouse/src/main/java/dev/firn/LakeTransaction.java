package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.StagedTable;
import dev.firn.catalog.commit.TableChanges;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * A transaction over several tables, handed to the function of {@link Lakehouse#transaction}.
 * Confined to the thread that runs the function, and of no use after it.
 *
 * <p>Reads see all tables as of one moment, with the transaction's own changes. Its changes become
 * visible together, or not at all, once the function has returned.
 */
public final class LakeTransaction {
  private final Lakehouse lake;
  private final LakeCatalog catalog;
  private final Holds holds;
  private final ScanResources resources;

  /** What is to be looked at together; grows with every table that the function touches. */
  private final Set<TableIdentifier> looked;

  private final Map<TableIdentifier, TableMetadata> seen = new HashMap<>();
  private final Map<TableIdentifier, TransactionTable> tables = new LinkedHashMap<>();
  private final Set<TableIdentifier> unchanged = new LinkedHashSet<>();
  private final List<RowSink> writers = new ArrayList<>();
  private boolean looking;
  private boolean open = true;
  private @Nullable FirnException stale;
  private @Nullable FirnException lost;

  LakeTransaction(
      Lakehouse lake,
      LakeCatalog catalog,
      Holds holds,
      ScanResources resources,
      Set<TableIdentifier> look) {
    this.holds = holds;
    this.lake = lake;
    this.catalog = catalog;
    this.resources = resources;
    this.looked = new LinkedHashSet<>(look);
  }

  /**
   * Returns a table, the same handle for every call.
   *
   * @throws FirnException (not found) naming near matches
   */
  public TransactionTable table(String name) {
    return findTable(name).orElseThrow(() -> lake.missing("find", name));
  }

  /** Returns the table, or empty where there is none. */
  public Optional<TransactionTable> findTable(String name) {
    requireOpen();
    TableIdentifier id = TableName.parse(name);
    TransactionTable known = tables.get(id);
    if (known != null) {
      return Optional.of(known);
    }
    TableMetadata metadata = Guard.call("read table " + name, () -> look(id));
    if (metadata == null) {
      return Optional.empty();
    }
    return Optional.of(add(catalog.stage(id, metadata)));
  }

  /**
   * Makes a table when the transaction commits. Its namespace is made at once where it is missing,
   * and stays.
   *
   * @throws FirnException (already exists)
   */
  public TransactionTable newTable(String name, Schema schema, Consumer<TableDefinition> layout) {
    if (findTable(name).isPresent()) {
      throw Lakehouse.exists(name);
    }
    TableIdentifier id = TableName.parse(name);
    TableMetadata created = lake.newTable(name, schema, layout).metadata();
    return add(catalog.stageNew(id, created));
  }

  /**
   * Demands that nobody else has changed the table, in any way, between the moment that the
   * transaction sees and its commit: where somebody has, the function runs again. Without it, a
   * table that is only read is not checked: two transactions that each read what the other writes
   * may both commit.
   */
  public void requireUnchanged(String name) {
    TransactionTable table = table(name);
    TableIdentifier id = TableName.parse(name);
    if (seen.containsKey(id)) {
      unchanged.add(id);
    } else {
      throw FirnException.invalid(
          "Cannot require that %s stays unchanged: this transaction makes it"
              .formatted(table.name()));
    }
  }

  private TransactionTable add(StagedTable staged) {
    WriteIntent intent = catalog.intent(staged.id(), staged.shape());
    // Upkeep leaves alone what the transaction reads, and what its changes are checked against.
    Holds.Hold hold = holds.on(staged.id(), staged.shape().currentSnapshot());
    TransactionTable table = new TransactionTable(this, staged, intent, hold, resources);
    tables.put(staged.id(), table);
    return table;
  }

  private static String format(TableIdentifier id) {
    return TableName.format(id);
  }

  /** Returns the table's metadata as of the transaction's moment, null where there is none. */
  private @Nullable TableMetadata look(TableIdentifier id) {
    if (looking && looked.contains(id)) {
      return seen.get(id);
    }
    Set<TableIdentifier> before = looking ? Set.copyOf(looked) : Set.of();
    looked.add(id);
    Map<TableIdentifier, TableMetadata> now = catalog.readTogether(looked);
    for (TableIdentifier each : before) {
      if (!Objects.equals(location(seen.get(each)), location(now.get(each)))) {
        throw stale(each, id);
      }
    }
    looking = true;
    seen.putAll(now);
    return seen.get(id);
  }

  private static @Nullable String location(@Nullable TableMetadata metadata) {
    return metadata == null ? null : metadata.metadataFileLocation();
  }

  private FirnException stale(TableIdentifier moved, TableIdentifier asked) {
    FirnException error =
        new FirnException(
            ErrorKind.CONFLICT,
            "Cannot read %s in a transaction: %s, which it read before, has changed since, so that the two cannot be seen as of one moment; name both when the transaction begins"
                .formatted(format(asked), format(moved)));
    stale = error;
    return error;
  }

  /** Owns {@code writer} too, from now on. */
  RowSink closing(RowSink writer) {
    writers.add(writer);
    return writer;
  }

  void requireOpen() {
    if (!open) {
      throw FirnException.invalid(
          "Cannot use a transaction after its function has returned: open another");
    }
    if (stale != null) {
      throw stale;
    }
  }

  /** Returns the error that the function may have hidden, and that it must be run again for. */
  @Nullable FirnException stale() {
    return stale;
  }

  /** Returns the commit's error where it lost to others; null where it did not. */
  @Nullable FirnException lost() {
    return lost;
  }

  /** Returns every table that was looked for. */
  Set<TableIdentifier> looked() {
    return Set.copyOf(looked);
  }

  /** Commits everything. Nothing can be used afterwards, whatever the outcome. */
  TransactionReceipt commit() {
    requireOpen();
    writers.forEach(RowSink::close);
    Map<TableIdentifier, TableChanges> changes = new LinkedHashMap<>();
    tables.forEach((id, table) -> table.changes().ifPresent(change -> changes.put(id, change)));
    open = false;
    if (changes.isEmpty()) {
      // What it read was there at one moment, so it is as if it had run then.
      return new TransactionReceipt(Map.of());
    }
    Set<TableIdentifier> changed = Set.copyOf(changes.keySet());
    for (TableIdentifier id : unchanged) {
      String at = Objects.requireNonNull(seen.get(id)).metadataFileLocation();
      changes.merge(id, TableChanges.none(id, at), (change, none) -> change.requireUnchanged(at));
    }
    Map<TableIdentifier, List<CommitReceipt>> receipts = committed(List.copyOf(changes.values()));
    return new TransactionReceipt(
        changed.stream()
            .collect(
                Collectors.toMap(
                    LakeTransaction::format, id -> receipts.getOrDefault(id, List.of()))));
  }

  private Map<TableIdentifier, List<CommitReceipt>> committed(List<TableChanges> changes) {
    try {
      return catalog.commitTogether(changes);
    } catch (FirnException e) {
      if (e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.ALREADY_EXISTS) {
        lost = e;
      }
      throw e;
    }
  }

  /** Releases everything after an end. Never throws. */
  void close(Consumer<TransactionTable> each) {
    open = false;
    for (RowSink writer : writers) {
      try {
        writer.close();
      } catch (RuntimeException e) {
        // Its files stay, as garbage that no metadata names.
      }
    }
    tables.values().forEach(each);
  }
}
