package dev.firn.keyindex;

import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowConformer;
import dev.firn.format.arrow.ConformedBatch;
import dev.firn.format.write.FileRegistrar;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.jspecify.annotations.Nullable;

/**
 * Which live rows of one table have a given key, the value of its identifier fields. Exact, also
 * where several rows have one key. Confined to one thread at a time; borrows table and allocator.
 *
 * <p>How it works: entries are a hash of the key and a number of the row, in one numbering of all
 * files, packed into sorted runs. They are made by reading the key columns of files that are new,
 * whatever their deletes; which rows are live is decided by the snapshot's files and deletes when a
 * key is looked up. A key that fits 64 bits is told by its hash; others are compared with the row.
 */
public final class KeyIndex implements AutoCloseable {
  private static final long MOST_SLAB_BYTES = 64L << 20;
  private static final long LEAST_SLAB_BYTES = 64L << 10;
  private static final long LEAST_SAVED = 100_000;

  private final Table table;
  private final KeyLayout layout;
  private final BufferAllocator allocator;
  private final KeyIndexOptions options;
  private final LongUnaryOperator seam;
  private final RunMemory memory;
  private final KeyRuns runs;
  private final FileNumbers numbers = new FileNumbers();
  private final TableManifests manifests = new TableManifests();
  private final FileTasks tasks;
  private final KeyLookup lookup;
  private final ArrowConformer conformer;
  private @Nullable Snapshot synced;
  private long readSinceSaved;
  private boolean closed;

  private KeyIndex(
      Table table,
      KeyLayout layout,
      BufferAllocator allocator,
      KeyIndexOptions options,
      LongUnaryOperator seam) {
    this.table = table;
    this.layout = layout;
    this.allocator = allocator;
    this.options = options;
    this.seam = seam;
    // Of the budget, an eighth is for the marks of deleted rows, and for deleted keys.
    long marks = options.memoryBytes() / 8;
    this.memory = new RunMemory(options.memoryBytes() - marks, options.directory());
    this.runs = new KeyRuns(memory, slabBytes());
    this.tasks = new FileTasks(table, manifests.deletes());
    KeyColumns found = new KeyColumns(layout, seam);
    this.lookup =
        new KeyLookup(
            layout,
            numbers,
            tasks,
            new RowMarks(table, marks / 2),
            new DeletedKeys(
                table, layout, tasks, new KeyColumns(layout, seam), allocator, marks / 2),
            new RowReads(table, layout.key(), found, allocator));
    this.conformer = new ArrowConformer(layout.key());
  }

  private long slabBytes() {
    return Math.max(LEAST_SLAB_BYTES, Math.min(MOST_SLAB_BYTES, options.memoryBytes() / 8));
  }

  /**
   * Opens the index of {@code table}; it knows no row before {@link #syncTo}. Loads the newest one
   * that was saved, if any, so that only the keys of later files are read then.
   *
   * @throws FirnException INVALID where the table has no identifier fields
   */
  public static KeyIndex open(Table table, BufferAllocator allocator) {
    return open(table, allocator, KeyIndexOptions.defaults());
  }

  /** As {@link #open(Table, BufferAllocator)}, with options. */
  public static KeyIndex open(Table table, BufferAllocator allocator, KeyIndexOptions options) {
    return open(table, allocator, options, LongUnaryOperator.identity());
  }

  /** {@code seam} is applied to hashes of keys that do not fit 64 bits. */
  static KeyIndex open(
      Table table, BufferAllocator allocator, KeyIndexOptions options, LongUnaryOperator seam) {
    KeyIndex index = new KeyIndex(table, KeyLayout.of(table), allocator, options, seam);
    index.load();
    return index;
  }

  private void load() {
    IndexLoader.Loaded loaded = new IndexLoader(table, layout, memory).load();
    if (loaded != null) {
      runs.add(loaded.runs());
      numbers.add(loaded.slots());
      numbers.startAt(loaded.next());
    }
  }

  /** Returns the identifier fields, in the schema's order: the columns of a batch of keys. */
  public Schema key() {
    return layout.key();
  }

  /**
   * From here on answers for {@code snapshot} of the table (null: the empty one), and for what was
   * staged and is not in it. Costs the snapshot's manifest list, the manifests that are new, and
   * the key columns of the data files that are new and were not staged. Where it fails, the index
   * answers as before.
   *
   * @throws FirnException INVALID where the table's identifier fields are others by now; CORRUPT or
   *     UNAVAILABLE where a file cannot be read
   */
  public void syncTo(@Nullable Snapshot snapshot) {
    requireOpen();
    TableManifests.Change change = manifests.changeTo(table, snapshot);
    Map<String, DataFile> unknown = new LinkedHashMap<>();
    for (DataFile file : change.dataFiles()) {
      FileSlot slot = numbers.at(file.location());
      if (slot == null || !slot.holds(file)) {
        unknown.put(file.location(), file);
      }
    }
    index(unknown.values());
    manifests.apply(table, change, numbers::at);
    synced = snapshot;
    changed();
  }

  private void changed() {
    tasks.changed();
    if (synced != null) {
      // Before the first snapshot is known, no file that was loaded seems to be live.
      runs.compact(numbers::retire);
    }
  }

  /** Takes in files that are written and not committed: their rows are found from here on. */
  public void stage(List<DataFile> files) {
    requireOpen();
    List<DataFile> unknown =
        files.stream().filter(file -> numbers.at(file.location()) == null).toList();
    index(unknown);
    for (DataFile file : files) {
      FileSlot slot = numbers.at(file.location());
      if (slot != null && !slot.isCommitted()) {
        slot.stage(file);
      }
    }
    changed();
  }

  /** Forgets all that was staged and is not committed. */
  public void unstage() {
    numbers.slots().stream().filter(FileSlot::isStaged).forEach(FileSlot::unstage);
    tasks.changed();
  }

  /** Reads the keys of files, which have a number then; changes nothing where it fails. */
  private void index(Iterable<DataFile> files) {
    requireSameKey();
    List<KeyScan.Work> works = new ArrayList<>();
    List<FileSlot> slots = new ArrayList<>();
    for (DataFile file : files) {
      FileSlot slot = numbers.number(file);
      slots.add(slot);
      works.add(new KeyScan.Work(slot, tasks.make(file, List.of())));
    }
    if (works.isEmpty()) {
      return;
    }
    KeyScan scan =
        new KeyScan(
            filter -> new FileTaskReader(table, layout.key(), filter),
            () -> new KeyColumns(layout, seam),
            memory,
            slabBytes(),
            allocator,
            works,
            options.threads());
    List<Run> read = scan.read(options.executor(), options.threads());
    runs.add(read);
    numbers.add(slots);
    readSinceSaved += read.stream().mapToLong(Run::entries).sum();
  }

  /**
   * Tells {@code hits} of each live row that has one of {@code keys}, a batch of {@link #key()}, in
   * the order of files and positions.
   *
   * @throws FirnException INVALID where a key is null; CORRUPT or UNAVAILABLE where a file cannot
   *     be read
   */
  public void find(VectorSchemaRoot keys, KeyHits hits) {
    requireOpen();
    DictionaryProvider none = new DictionaryProvider.MapDictionaryProvider();
    try (ConformedBatch batch = conformer.conform(keys, none, allocator)) {
      KeyColumns columns = new KeyColumns(layout, seam);
      columns.load(batch.rows().getFieldVectors());
      lookup.find(columns, batch.rows().getRowCount(), runs, hits);
    }
  }

  /**
   * Whether so many keys were read since the index was loaded or last saved that to save it costs
   * little beside: a quarter of all, and a hundred thousand at least.
   */
  public boolean isWorthSaving() {
    return readSinceSaved >= LEAST_SAVED && readSinceSaved >= entries() / 4;
  }

  /** As {@link #save(FileRegistrar)}; no account is kept of the file. */
  public boolean save() {
    return save(FileRegistrar.NONE);
  }

  /**
   * Saves the index as of the snapshot last synced to: a Puffin file in the table's metadata
   * location, with blobs of type {@code firn-key-index-v1}, committed as the snapshot's statistics
   * file; statistics that others have of the snapshot are copied into it. Replaces those saved
   * before. Refreshes the table. What is staged is not saved.
   *
   * <p>Never fails: returns false, and logs why, where nothing was saved, or where that is not
   * known. Then the file is removed, but where the commit's outcome is not known.
   *
   * @param registrar is told of the file before it is created
   */
  public boolean save(FileRegistrar registrar) {
    requireOpen();
    Snapshot snapshot = synced;
    if (snapshot == null) {
      return false;
    }
    List<FileSlot> slots = numbers.slots().stream().filter(FileSlot::isCommitted).toList();
    boolean saved =
        new IndexSaver(table, layout, registrar).save(snapshot, runs.runs(), slots, numbers.next());
    // Also where it was not: the next try is due when as much has changed again.
    readSinceSaved = 0;
    return saved;
  }

  /** How many entries there are, those of rows that are not live included. */
  public long entries() {
    return runs.entries();
  }

  /** Bytes of all entries, in memory and in local files. */
  public long bytes() {
    return runs.runs().stream().mapToLong(Run::bytes).sum();
  }

  /** Bytes of the entries that are in memory. */
  public long memoryBytes() {
    return memory.held();
  }

  private void requireSameKey() {
    if (!layout.same(KeyLayout.of(table))) {
      throw FirnException.invalid(
          "Cannot find rows by key: the identifier fields changed, expected "
              + layout.text()
              + ", got "
              + KeyLayout.of(table).text()
              + "; open the index again ["
              + table.name()
              + "]");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(
          "Cannot use a key index: it is closed [" + table.name() + "]");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try (memory) {
        runs.close();
      }
    }
  }
}
