package dev.firn;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.commit.StagedTable;
import dev.firn.catalog.commit.TableChanges;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.TableScanner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.expressions.Expression;
import org.jspecify.annotations.Nullable;

/**
 * One table within a transaction: as it was when the transaction first looked, with what the
 * transaction has done to it since. Nothing that it does is visible to others before the
 * transaction commits. Confined to the transaction's thread, and of no use after its end.
 */
public final class TransactionTable {
  private final LakeTransaction transaction;
  private final StagedTable staged;
  private final ScanResources resources;
  private final WriteIntent intent;
  private final Holds.Hold hold;
  private final String name;
  private final Map<String, NetChange> branches = new LinkedHashMap<>();
  private @Nullable View view;

  /** The table with its staged rows, and of what they were staged. */
  private record View(Table table, TableMetadata shape, int version) {}

  /** Owns {@code staged}, {@code hold}, and {@code intent}, which is told of every file. */
  TransactionTable(
      LakeTransaction transaction,
      StagedTable staged,
      WriteIntent intent,
      Holds.Hold hold,
      ScanResources resources) {
    this.hold = hold;
    this.transaction = transaction;
    this.staged = staged;
    this.resources = resources;
    this.intent = intent;
    this.name = TableName.format(staged.id());
    branches.put(SnapshotRef.MAIN_BRANCH, new NetChange(SnapshotRef.MAIN_BRANCH));
  }

  /** Returns {@code namespace.table}. */
  public String name() {
    return name;
  }

  public Schema schema() {
    return shape().schema();
  }

  /** Starts a scan of all columns and rows of main, the transaction's own changes included. */
  public LakeScan scan() {
    return new LakeScan(
        "scan " + name,
        new TableScanner(current(), resources.decoding()),
        ScanRequest.EVERYTHING,
        resources);
  }

  /** Opens a writer that adds rows to main. */
  public TransactionWriter append() {
    return append(AppendOptions.DEFAULT);
  }

  /**
   * Opens a writer that adds rows, to a branch or while the schema evolves: columns are staged when
   * the writer is opened.
   */
  public TransactionWriter append(AppendOptions options) {
    requireBranch(options.branch());
    Schema target = options.evolveTo();
    if (target != null) {
      Guard.run("append to " + name, () -> shape().updateSchema().unionByNameWith(target).commit());
    }
    return writer(
        "append to " + name,
        files ->
            branches
                .computeIfAbsent(options.branch(), NetChange::new)
                .append(files, options.summary()));
  }

  /**
   * Opens a writer whose commit replaces exactly the rows that satisfy {@code where}, at that time
   * and in this transaction, by the rows written.
   */
  public TransactionWriter overwrite(Expression where) {
    return writer("overwrite " + name, files -> replace(where, files));
  }

  private TransactionWriter writer(String doing, Consumer<List<DataFile>> stage) {
    RowSink rows = transaction.closing(new RowSink(doing, shape(), intent));
    return new TransactionWriter(
        doing,
        transaction,
        rows,
        files -> {
          try {
            stage.accept(files);
          } catch (RuntimeException e) {
            throw Uncommitted.remove(staged.io(), files, intent, IcebergErrors.translate(doing, e));
          }
        });
  }

  /**
   * Deletes exactly the rows for which {@code where} is true. The receipt holds no commit: that is
   * the transaction's.
   */
  public DeleteReceipt delete(Expression where) {
    return Guard.call("delete from " + name, () -> replace(where, List.of()));
  }

  private DeleteReceipt replace(Expression where, List<DataFile> added) {
    RowFinder.Hit hit = find(where, added);
    main().add(hit.change(), shape().schema().schemaId());
    return hit.receipt(Optional.empty());
  }

  private RowFinder.Hit find(Expression where, List<DataFile> added) {
    Table at = current();
    try (RowDeleteWriter marks = RowDeleteWriter.open(at, new Registration(intent))) {
      return new RowFinder(at, where, resources).find(marks, added);
    }
  }

  /** Starts changing columns, partition spec or sort order; its commit stages the changes. */
  public TableEvolution evolve() {
    return new TableEvolution(name, this::shape);
  }

  /** Sets table properties; a null value is not allowed: see {@link #removeProperties}. */
  public void setProperties(Map<String, String> properties) {
    Guard.update(
        "set properties of " + name, this::shape, update -> properties.forEach(update::set));
  }

  public void removeProperties(List<String> names) {
    Guard.update(
        "remove properties of " + name, this::shape, update -> names.forEach(update::remove));
  }

  private NetChange main() {
    return branches.computeIfAbsent(SnapshotRef.MAIN_BRANCH, NetChange::new);
  }

  private Table shape() {
    transaction.requireOpen();
    return staged.shape();
  }

  /** Returns the table with its staged rows. Manifests are written only where there are any. */
  private Table current() {
    Table shape = shape();
    List<RowChange> rows = rows();
    if (rows.isEmpty()) {
      return shape;
    }
    TableMetadata metadata = staged.metadata();
    int version = branches.values().stream().mapToInt(NetChange::version).sum();
    View known = view;
    if (known == null || known.shape() != metadata || known.version() != version) {
      known = new View(Guard.call("read " + name, () -> staged.withRows(rows)), metadata, version);
      view = known;
    }
    return known.table();
  }

  private List<RowChange> rows() {
    List<RowChange> rows = new ArrayList<>();
    for (Map.Entry<String, NetChange> branch : branches.entrySet()) {
      if (!branch.getValue().isEmpty()) {
        rows.add(
            branch.getValue().change(head(branch.getKey()), staged.metadata().currentSchemaId()));
      }
    }
    return rows;
  }

  private @Nullable Long head(String branch) {
    TableMetadata start = staged.start();
    SnapshotRef ref = start == null ? null : start.ref(branch);
    return ref == null ? null : ref.snapshotId();
  }

  private void requireBranch(String branch) {
    if (branch.equals(SnapshotRef.MAIN_BRANCH)) {
      return;
    }
    Map<String, SnapshotRef> refs = shape().refs();
    SnapshotRef ref = refs.get(branch);
    if (ref == null) {
      throw FirnException.notFound(
          "Cannot append to %s: it has no branch '%s'%s"
              .formatted(name, branch, NearMatch.hint(branch, refs.keySet())));
    }
    if (!ref.isBranch()) {
      throw FirnException.invalid(
          "Cannot append to %s: '%s' is a tag, which never moves; name a branch"
              .formatted(name, branch));
    }
  }

  /** Returns what is to be committed, or empty where nothing is. */
  Optional<TableChanges> changes() {
    List<RowChange> rows = rows();
    if (rows.isEmpty() && !staged.isReshaped()) {
      return Optional.empty();
    }
    // Rows were looked for and there was no snapshot to check from: there must still be none.
    boolean sawEmpty =
        staged.start() != null && main().hasRead() && head(SnapshotRef.MAIN_BRANCH) == null;
    List<UpdateRequirement> more =
        sawEmpty
            ? List.of(new UpdateRequirement.AssertRefSnapshotID(SnapshotRef.MAIN_BRANCH, null))
            : List.of();
    return Optional.of(staged.changes(more, requests(rows)));
  }

  private List<CommitRequest> requests(List<RowChange> rows) {
    List<CommitRequest> requests = new ArrayList<>();
    for (RowChange change : rows) {
      List<UUID> clears = requests.isEmpty() ? intent.ids() : List.of();
      requests.add(new CommitRequest(change, null, null, clears, Duration.ZERO));
    }
    return requests;
  }

  /** Removes what only the transaction itself could see, after its commit. Never throws. */
  void committed() {
    branches.values().forEach(branch -> remove(branch.leftOut()));
    close();
  }

  /** Removes everything that was written. Never throws. */
  void discard() {
    branches.values().forEach(branch -> remove(branch.written()));
    close();
  }

  /** After a commit of unknown outcome: what may be reachable stays. Never throws. */
  void abandon() {
    close();
  }

  private void close() {
    staged.close();
    intent.close();
    hold.close();
  }

  private void remove(List<ContentFile<?>> files) {
    for (ContentFile<?> file : files) {
      try {
        staged.io().deleteFile(file.location());
        intent.removed(List.of(file.location()));
      } catch (RuntimeException e) {
        // It stays, and so does what names it: the intent, where it is not committed.
      }
    }
  }
}
