package dev.firn;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.change.ChangeStep;
import dev.firn.change.MergeSource;
import dev.firn.change.TableDelete;
import dev.firn.change.TableMerge;
import dev.firn.change.TablePartitions;
import dev.firn.change.TableUpdate;
import dev.firn.compaction.Compaction;
import dev.firn.compaction.DanglingDeletes;
import dev.firn.compaction.DeleteConversion;
import dev.firn.compaction.GradedExpiry;
import dev.firn.compaction.ManifestMerge;
import dev.firn.compaction.SnapshotExpiry;
import dev.firn.compaction.erase.Erasure;
import dev.firn.compaction.maintain.Retention;
import dev.firn.compaction.stats.StatisticsUpdate;
import dev.firn.compaction.verify.Verification;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.TableScanner;
import dev.firn.scan.change.ChangeRequest;
import dev.firn.scan.metadata.MetadataScanner;
import dev.firn.scan.metadata.MetadataTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.HistoryEntry;
import org.apache.iceberg.ManageSnapshots;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * One table of a lakehouse. Every call looks at the table's newest state first. Thread-safe; the
 * writers, cursors and builders it hands out are each confined to one thread.
 *
 * <p>Every change is one atomic commit with one of three outcomes: applied (the call returns), not
 * applied (it throws and leaves nothing reachable behind), or unknown (it throws with kind {@code
 * COMMIT_STATE_UNKNOWN} and cleans nothing up).
 */
public final class LakeTable {
  private final String name;
  private final Table table;
  private final TableCommits commits;
  private final ScanResources resources;
  private final Upserts upserts;

  LakeTable(Table table, TableCommits commits, ScanResources resources, Upserts upserts) {
    this.upserts = upserts;
    this.name = TableName.format(commits.table());
    this.table = table;
    this.commits = commits;
    this.resources = resources;
  }

  /** Returns {@code namespace.table}. */
  public String name() {
    return name;
  }

  public Schema schema() {
    return current().schema();
  }

  /**
   * Returns Iceberg's own handle, refreshed, for what this facade does not cover: specs,
   * properties, metadata.
   */
  public Table iceberg() {
    return current();
  }

  private Table current() {
    Guard.run("read table " + name, table::refresh);
    return table;
  }

  /** Opens a writer that adds rows to main. */
  public TableWriter append() {
    return append(AppendOptions.DEFAULT);
  }

  /** Opens a writer that adds rows, to a branch or while the schema evolves. */
  public TableWriter append(AppendOptions options) {
    String doing = "append to " + name;
    Table base = current();
    requireBranch(base, options.branch());
    WriteIntent intent = commits.intent(base);
    Schema target = options.evolveTo();
    if (target == null) {
      return new TableWriter(doing, base, intent, new Append(base, commits, options, intent));
    }
    Table evolved = Guard.call(doing, () -> evolved(base, target));
    AppendOptions exact = options.evolveTo(evolved.schema());
    return new TableWriter(doing, evolved, intent, new Append(base, commits, exact, intent));
  }

  /**
   * Opens a writer that replaces and deletes rows of main by key, the table's identifier fields.
   *
   * @throws FirnException INVALID where the table has none, or format version 1
   */
  public UpsertWriter upsert() {
    String doing = "upsert into " + name;
    Table base = current();
    return new UpsertWriter(doing, upserts.open(doing, base, commits, commits.intent(base)));
  }

  /** Returns the table as it would be with {@code target}'s columns, which get their ids here. */
  private static Table evolved(Table base, Schema target) {
    Transaction transaction = base.newTransaction();
    transaction.updateSchema().unionByNameWith(target).commit();
    return transaction.table();
  }

  /**
   * Opens a stream into main that never loses or repeats a row, whatever fails: its commits carry
   * tokens, and {@link StreamWriter#lastToken()} is the one up to which rows are in the table. Only
   * one writer at a time: opening {@code channel} shuts out the one that had it before.
   *
   * @param channel names the source within the table, such as {@code orders-topic-0}: 1 to 255
   *     characters
   * @throws FirnException INVALID for a table of a REST catalog, which has no place for tokens
   */
  public StreamWriter stream(String channel) {
    return Guard.call(
        "open channel %s of %s".formatted(channel, name),
        () -> StreamWriter.open(table, commits, upserts, channel));
  }

  /** As {@link #stream(String)}, where upserts keep about so many bytes in memory. */
  StreamWriter stream(String channel, long upsertBytes) {
    Upserts bounded = new Upserts(upserts.indexes(), upsertBytes);
    return Guard.call(
        "open channel %s of %s".formatted(channel, name),
        () -> StreamWriter.open(table, commits, bounded, channel));
  }

  /** Returns the channels that have been opened on this table, by name. */
  public List<ChannelInfo> channels() {
    return Guard.call(
        "list channels of " + name,
        () ->
            commits.catalog().channels().list(current().uuid().toString()).stream()
                .map(ChannelInfo::of)
                .toList());
  }

  /**
   * Forgets a channel: its writer is shut out, and whoever opens it next begins without a token.
   * Returns false where there is none.
   */
  public boolean removeChannel(String channel) {
    return Guard.call(
        "remove channel %s of %s".formatted(channel, name),
        () -> commits.catalog().channels().remove(current().uuid().toString(), channel));
  }

  /**
   * Opens a writer whose commit replaces exactly the rows that satisfy {@code where} by the rows
   * written, in one snapshot. Rows that other writers added meanwhile and that satisfy it are
   * replaced too.
   */
  public TableWriter overwrite(Expression where) {
    return replacing(
        "overwrite " + name,
        changes -> files -> TableDelete.of(changes, where).step(),
        "no row satisfies the filter and none was written");
  }

  /**
   * Opens a writer whose commit replaces exactly the partitions, of the table's current spec, that
   * rows were written to; all other partitions stay. Without partitions it replaces all rows.
   */
  public TableWriter overwritePartitions() {
    return replacing(
        "overwrite partitions of " + name,
        changes -> files -> TablePartitions.replacedBy(changes, files),
        "no row was written, so that no partition is named");
  }

  private TableWriter replacing(
      String doing,
      Function<LiveChanges, Function<List<DataFile>, ChangeStep>> steps,
      String nothing) {
    Table base = current();
    WriteIntent intent = commits.intent(base);
    LiveChanges changes = changing();
    return new TableWriter(
        doing,
        base,
        intent,
        files ->
            changes
                .apply(doing, steps.apply(changes).apply(files), files, intent)
                .commit()
                .orElseThrow(
                    () -> FirnException.invalid("Cannot %s: %s".formatted(doing, nothing))));
  }

  /** Deletes exactly the rows for which {@code where} is true. */
  public DeleteReceipt delete(Expression where) {
    return DeleteReceipt.of(deleting(where).run());
  }

  /** Begins a delete of exactly the rows for which {@code where} is true: of a branch, or dry. */
  public TableDelete deleting(Expression where) {
    return TableDelete.of(changing(), where);
  }

  /**
   * Begins a delete of exactly the rows whose {@code column}, a date or timestamp, is before {@code
   * instant}, in UTC where it has no zone; a date is before it once it is over. Nulls stay.
   */
  public TableDelete dropRowsOlderThan(String column, Instant instant) {
    return deleting(Retention.olderThan(name, schema(), column, instant));
  }

  /**
   * Begins a delete of the rows that are older at {@code now} than the table keeps them, by its
   * properties {@code firn.retention.column} and {@code firn.retention.age}; empty without those.
   */
  public Optional<TableDelete> dropExpiredRows(Instant now) {
    return Retention.of(name, current().properties())
        .map(retention -> deleting(retention.expired(name, schema(), now)));
  }

  /**
   * Begins an update of exactly the rows for which {@code where} is true: {@code
   * orders.update(equal("id", 7L)).set("status", "paid").run()}.
   */
  public TableUpdate update(Expression where) {
    return TableUpdate.of(changing(), where);
  }

  /** Begins a merge of Iceberg records of one struct, or of Java records or beans of one class. */
  public TableMerge merge(Iterable<?> source) {
    return TableMerge.of(changing(), MergeSource.of(source));
  }

  /** Begins a merge of the batches that a reader still has. The caller closes it. */
  public TableMerge merge(ArrowReader source) {
    return TableMerge.of(changing(), MergeSource.of(source));
  }

  /** Begins a merge of rows however they come. */
  public TableMerge merge(MergeSource source) {
    return TableMerge.of(changing(), source);
  }

  /** Begins a merge of the rows of a scan, of this table or another. */
  public TableMerge merge(LakeScan source) {
    return TableMerge.of(changing(), source.asSource());
  }

  private LiveChanges changing() {
    return new LiveChanges(name, current(), commits, resources);
  }

  /** Starts a scan of all columns and rows of main's head. */
  public LakeScan scan() {
    return new LakeScan(
        "scan " + name,
        new TableScanner(current(), resources.decoding(), resources.manifests()),
        ScanRequest.EVERYTHING,
        resources);
  }

  /** Starts reading what changed, row by row: every snapshot of main, unless told otherwise. */
  public LakeChanges changes() {
    return new LakeChanges(
        "read changes of " + name, this::current, commits, ChangeRequest.EVERYTHING, resources);
  }

  /** Waits for changes from where {@code token} says on: {@link LakeChanges#follow()}. */
  public ChangeStream follow(String token) {
    return changes().fromToken(token).follow();
  }

  /**
   * Starts a scan of what describes this table, such as its snapshots or files, as it is now. Its
   * columns are those of Iceberg's metadata table of that name.
   */
  public LakeScan metadata(MetadataTable which) {
    String doing = "scan " + name + "." + which.tableName();
    MetadataScanner rows = Guard.call(doing, () -> new MetadataScanner(current(), which));
    return new LakeScan(doing, rows, ScanRequest.EVERYTHING, resources);
  }

  /** Starts changing columns, partition spec or sort order. */
  public TableEvolution evolve() {
    return new TableEvolution(name, this::current);
  }

  /** Sets table properties; a null value is not allowed: see {@link #removeProperties}. */
  public void setProperties(Map<String, String> properties) {
    Guard.update(
        "set properties of " + name, this::current, update -> properties.forEach(update::set));
  }

  public void removeProperties(List<String> names) {
    Guard.update(
        "remove properties of " + name, this::current, update -> names.forEach(update::remove));
  }

  /** Sets table properties and removes others, in one commit; no name may be among both. */
  public void changeProperties(Map<String, String> set, Set<String> removed) {
    Guard.update(
        "change properties of " + name,
        this::current,
        update -> {
          removed.forEach(update::remove);
          set.forEach(update::set);
        });
  }

  /** Returns the retained snapshots, oldest first. */
  public List<SnapshotInfo> snapshots() {
    Table at = current();
    List<SnapshotInfo> all = new ArrayList<>();
    for (Snapshot snapshot : at.snapshots()) {
      all.add(info(at, snapshot));
    }
    all.sort(
        Comparator.comparingLong(SnapshotInfo::sequenceNumber)
            .thenComparing(SnapshotInfo::committedAt));
    return all;
  }

  private static SnapshotInfo info(Table at, Snapshot snapshot) {
    List<String> refs =
        at.refs().entrySet().stream()
            .filter(ref -> ref.getValue().snapshotId() == snapshot.snapshotId())
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    return new SnapshotInfo(
        snapshot.snapshotId(),
        snapshot.parentId(),
        snapshot.sequenceNumber(),
        Instant.ofEpochMilli(snapshot.timestampMillis()),
        snapshot.operation() == null ? "unknown" : snapshot.operation(),
        snapshot.summary() == null ? Map.of() : Map.copyOf(snapshot.summary()),
        refs);
  }

  /** Returns each time that a snapshot became current on main, oldest first. */
  public List<dev.firn.HistoryEntry> history() {
    Table at = current();
    Set<Long> ancestors =
        StreamSupport.stream(SnapshotUtil.currentAncestors(at).spliterator(), false)
            .map(Snapshot::snapshotId)
            .collect(Collectors.toSet());
    List<dev.firn.HistoryEntry> all = new ArrayList<>();
    for (HistoryEntry entry : at.history()) {
      Snapshot snapshot = at.snapshot(entry.snapshotId());
      all.add(
          new dev.firn.HistoryEntry(
              Instant.ofEpochMilli(entry.timestampMillis()),
              entry.snapshotId(),
              snapshot == null ? null : snapshot.parentId(),
              ancestors.contains(entry.snapshotId()),
              snapshot == null ? null : snapshot.operation()));
    }
    return all;
  }

  /** Returns branches and tags by name. */
  public List<RefInfo> refs() {
    return current().refs().entrySet().stream()
        .map(
            ref ->
                new RefInfo(ref.getKey(), ref.getValue().isBranch(), ref.getValue().snapshotId()))
        .sorted(Comparator.comparing(RefInfo::name))
        .toList();
  }

  /**
   * Makes an earlier state of main current again; what came after stays readable by snapshot id
   * until it expires.
   */
  public void rollback(long snapshotId) {
    manage(
        "roll back " + name,
        snapshots ->
            Ancestry.isBeforeGap(table, existing(snapshotId))
                ? snapshots.setCurrentSnapshot(snapshotId)
                : snapshots.rollbackTo(snapshotId));
  }

  /** Rolls back to the last snapshot of main before {@code instant}. */
  public void rollback(Instant instant) {
    manage("roll back " + name, snapshots -> snapshots.rollbackToTime(instant.toEpochMilli()));
  }

  /** Creates a branch at main's head. */
  public void branch(String branch) {
    manage("create branch " + branch + " of " + name, snapshots -> snapshots.createBranch(branch));
  }

  /** Creates a branch at a snapshot. */
  public void branch(String branch, long snapshotId) {
    manage(
        "create branch " + branch + " of " + name,
        snapshots -> snapshots.createBranch(branch, existing(snapshotId)));
  }

  /** Tags main's head. */
  public void tag(String tag) {
    Snapshot head = current().currentSnapshot();
    if (head == null) {
      throw FirnException.invalid(
          "Cannot tag %s: it has no snapshot yet; append rows first".formatted(name));
    }
    tag(tag, head.snapshotId());
  }

  /** Tags a snapshot. */
  public void tag(String tag, long snapshotId) {
    manage("tag " + name, snapshots -> snapshots.createTag(tag, existing(snapshotId)));
  }

  public void dropBranch(String branch) {
    requireRef(current(), branch);
    manage("drop branch " + branch + " of " + name, snapshots -> snapshots.removeBranch(branch));
  }

  public void dropTag(String tag) {
    requireRef(current(), tag);
    manage("drop tag " + tag + " of " + name, snapshots -> snapshots.removeTag(tag));
  }

  /** Moves {@code branch} forward to the head of {@code to}, of which it must be an ancestor. */
  public void fastForward(String branch, String to) {
    requireRef(current(), branch);
    requireRef(current(), to);
    manage(
        "fast-forward " + branch + " of " + name,
        snapshots -> snapshots.fastForwardBranch(branch, to));
  }

  /** Applies the change that a snapshot made, of a branch or staged by another engine, to main. */
  public void cherryPick(long snapshotId) {
    manage("cherry-pick into " + name, snapshots -> snapshots.cherrypick(existing(snapshotId)));
  }

  /**
   * Starts a compaction: merges small files and applies deletes. Unless told otherwise it works on
   * half of the processors, so that writers and readers of the process hardly feel it.
   */
  public Compaction compact() {
    // A handle of its own: its commits clear the intents of its outputs.
    Table own = Guard.call("read table " + name, commits::load);
    int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    return Compaction.of(
            own,
            resources.allocator(),
            e -> IcebergErrors.translate("compact " + name, e),
            commits::hold)
        .threads(half)
        .recordedBy(() -> new Registration(commits.intentOf(own)));
  }

  /** Starts a conversion of delete files, by equality unless told otherwise, into faster ones. */
  public DeleteConversion convertDeletes() {
    Table own = Guard.call("read table " + name, commits::load);
    return DeleteConversion.of(
            own,
            resources.allocator(),
            e -> IcebergErrors.translate("convert deletes of " + name, e),
            commits::hold)
        .recordedBy(() -> new Registration(commits.intentOf(own)));
  }

  /**
   * Starts an erasure of the rows for which {@code where} is true, deleted ones too, from every
   * file of every snapshot and branch.
   */
  public Erasure erase(Expression where) {
    return Erasure.of(
        Guard.call("read table " + name, commits::load),
        where,
        new Erasing(this, where, commits),
        resources.allocator(),
        e -> IcebergErrors.translate("erase rows of " + name, e));
  }

  /** Starts a removal of delete files that apply to no data file any more. */
  public DanglingDeletes removeDanglingDeletes() {
    return DanglingDeletes.of(
        Guard.call("read table " + name, commits::load),
        e -> IcebergErrors.translate("remove dangling deletes of " + name, e),
        commits::hold);
  }

  /** Starts an expiry of old snapshots. */
  public SnapshotExpiry expireSnapshots() {
    return SnapshotExpiry.of(
        current(), e -> IcebergErrors.translate("expire snapshots of " + name, e));
  }

  /** Starts an expiry of the snapshots that the table's graded retention does not keep. */
  public GradedExpiry expireByGrades() {
    return GradedExpiry.of(
        current(), e -> IcebergErrors.translate("expire snapshots of " + name, e));
  }

  /** Starts a merge of small manifests. */
  public ManifestMerge rewriteManifests() {
    return ManifestMerge.of(
        current(), e -> IcebergErrors.translate("rewrite manifests of " + name, e));
  }

  /** Starts a verification of what the table's files hold. */
  public Verification verify() {
    Table own = Guard.call("read table " + name, commits::load);
    return Verification.of(
        own,
        resources.allocator(),
        resources.decoding().executor(),
        Math.max(1, resources.decoding().threads()),
        e -> IcebergErrors.translate("verify " + name, e));
  }

  /** Starts a computation of distinct counts, and of partition statistics. */
  public StatisticsUpdate computeStatistics() {
    Table own = Guard.call("read table " + name, commits::load);
    return StatisticsUpdate.of(
            own,
            resources.allocator(),
            resources.decoding().executor(),
            Math.max(1, resources.decoding().threads()),
            e -> IcebergErrors.translate("compute statistics of " + name, e),
            commits::hold)
        .recordedBy(() -> new Registration(commits.intentOf(own)));
  }

  /** Starts a search for files in the table's directories that nobody refers to. */
  public OrphanSearch orphans() {
    return commits.catalog().orphans(commits.table());
  }

  private void manage(String doing, UnaryOperator<ManageSnapshots> change) {
    Guard.run(doing, () -> change.apply(current().manageSnapshots()).commit());
  }

  private long existing(long snapshotId) {
    if (table.snapshot(snapshotId) == null) {
      throw FirnException.notFound(
          "Cannot find snapshot %d of %s: it never was, or has expired; 'firn snapshots %s' lists the retained ones"
              .formatted(snapshotId, name, name));
    }
    return snapshotId;
  }

  private SnapshotRef requireRef(Table at, String name) {
    SnapshotRef ref = at.refs().get(name);
    if (ref == null) {
      throw FirnException.notFound(
          "Cannot find branch or tag '%s' of %s%s"
              .formatted(name, this.name, NearMatch.hint(name, at.refs().keySet())));
    }
    return ref;
  }

  private void requireBranch(Table at, String branch) {
    if (!branch.equals(SnapshotRef.MAIN_BRANCH) && !requireRef(at, branch).isBranch()) {
      throw FirnException.invalid(
          "Cannot append to %s: '%s' is a tag, which never moves; name a branch"
              .formatted(name, branch));
    }
  }
}
