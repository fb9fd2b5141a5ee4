package dev.firn;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.commit.StagedTable;
import dev.firn.catalog.commit.TableChanges;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.change.ChangeReceipt;
import dev.firn.change.ChangeStep;
import dev.firn.change.ChangeTarget;
import dev.firn.change.MergeSource;
import dev.firn.change.TableDelete;
import dev.firn.change.TableMerge;
import dev.firn.change.TablePartitions;
import dev.firn.change.TableUpdate;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.scan.Decoding;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.TableScanner;
import dev.firn.scan.plan.ManifestIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
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
  private final Changes changes = new Changes();
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
        new TableScanner(current(), resources.decoding(), resources.manifests()),
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
    return writer(
        "overwrite " + name, files -> stage(TableDelete.of(changes, where).step(), files));
  }

  /**
   * Opens a writer whose commit replaces exactly the partitions that rows were written to, as they
   * are at that time and in this transaction.
   */
  public TransactionWriter overwritePartitions() {
    return writer(
        "overwrite partitions of " + name,
        files -> stage(TablePartitions.replacedBy(changes, files), files));
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
    return DeleteReceipt.of(deleting(where).run());
  }

  /** Begins a delete of exactly the rows for which {@code where} is true. */
  public TableDelete deleting(Expression where) {
    return TableDelete.of(changes, where);
  }

  /** Begins an update of exactly the rows for which {@code where} is true. */
  public TableUpdate update(Expression where) {
    return TableUpdate.of(changes, where);
  }

  /** Begins a merge of Iceberg records of one struct, or of Java records or beans of one class. */
  public TableMerge merge(Iterable<?> source) {
    return TableMerge.of(changes, MergeSource.of(source));
  }

  /** Begins a merge of the batches that a reader still has. The caller closes it. */
  public TableMerge merge(ArrowReader source) {
    return TableMerge.of(changes, MergeSource.of(source));
  }

  /** Begins a merge of the rows of a scan, of this table or another. */
  public TableMerge merge(LakeScan source) {
    return TableMerge.of(changes, source.asSource());
  }

  private ChangeReceipt stage(ChangeStep step, List<DataFile> added) {
    Table at = current();
    ChangeStep.Draft draft = step.draft(at, new Registration(intent));
    RowChange change = RowChanges.with(draft.change(), added);
    branches
        .computeIfAbsent(change.branch(), NetChange::new)
        .add(change, shape().schema().schemaId());
    return draft.counts();
  }

  /** Changes of rows that become part of the transaction at once. */
  private final class Changes implements ChangeTarget {
    @Override
    public String name() {
      return name;
    }

    @Override
    public Table table() {
      return current();
    }

    @Override
    public Decoding decoding() {
      return resources.decoding();
    }

    @Override
    public ManifestIndex manifests() {
      return resources.manifests();
    }

    @Override
    public BufferAllocator allocator() {
      return resources.allocator();
    }

    @Override
    public ChangeReceipt apply(String doing, ChangeStep step) {
      return Guard.call(doing, () -> stage(step, List.of()));
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
