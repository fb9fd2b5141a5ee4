package dev.firn.format.parquet.read;

import dev.firn.format.parquet.filter.RowBits;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.format.parquet.filter.RowRanges;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.ColumnDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A read under way: row group by row group, window by window. Confined to one thread. Owns
 * everything it opens, the allocator included.
 *
 * <p>How it works: a window is some consecutive rows of a row group. Ranges that pruning left and
 * deletes make the first selection of its rows; the tests' columns are read for these and narrow
 * it; the other columns are read for what remains, in as many batches as their memory needs.
 */
final class FileRead implements AutoCloseable {
  private final ReadSpec spec;
  private final BufferAllocator allocator;
  private final Counts counts;
  private final Opened opened = new Opened();
  private final SourceFile file;
  private final List<Footer.Group> groups = new ArrayList<>();
  private final GroupQueue queue;
  private final DeletedRows deleted;
  private final Probes probes;
  private final Output output;
  private final List<StoredLeaf> probeLeaves;
  private final List<StoredLeaf> outputLeaves;
  private final Team team;
  private final RowBits bits = new RowBits();
  private final IntArrays arrays = new IntArrays();

  /** Which row group is read, an index of {@link #groups}. */
  private int groupAt;

  private @Nullable GroupData group;

  /** The next row of the row group. */
  private long position;

  private @Nullable Window window;
  private int mostProbed;
  private int mostOutput;

  /** Waits for the footer. Takes {@code opening} over, also where it fails. */
  FileRead(ReadSpec spec, FileOpening opening) {
    this.spec = spec;
    this.allocator = opening.allocator();
    this.counts = opening.counts();
    this.file = opening.file();
    opened.add(opening);
    try {
      Footer footer = opening.footer();
      this.probes = opened.add(new Probes(allocator));
      RowGroupPruner pruner = probes(footer);
      for (Footer.Group candidate : footer.groups()) {
        if (spec.inSplit(candidate.start()) && candidate.block().getRowCount() > 0) {
          groups.add(candidate);
        }
      }
      this.output = opened.add(output(mapper(footer, spec.projection)));
      this.probeLeaves = leaves(probes.columns());
      this.outputLeaves = leaves(output.columns());
      this.team = new Team(spec.executor, spec.threads);
      this.queue =
          opened.add(
              new GroupQueue(
                  spec, opening, groups, pruner, probeLeaves, outputLeaves, team.executor()));
      this.deleted = DeletedRows.of(spec.deletes.get(), groups);
      if (pruner != null) {
        opening.suffix().indexesFrom(PageIndex.first(groups));
      }
    } catch (RuntimeException | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private SchemaMapper mapper(Footer footer, Schema expected) {
    return new SchemaMapper(
        file.location(), footer.schema(), spec.nameMapping, expected, spec.constants);
  }

  private @Nullable RowGroupPruner probes(Footer footer) {
    RowGroupPruner made = null;
    Expression filter = spec.filter;
    Schema schema = spec.filterSchema;
    if (filter != null && schema != null && filter != Expressions.alwaysTrue()) {
      SchemaMapper mapper = mapper(footer, schema);
      probes.addFilter(schema, filter, mapper);
      made = new RowGroupPruner(schema, filter, stored(probes.fields(), mapper), spec.pruning);
    }
    if (spec.keep != null && spec.keepColumns != null) {
      probes.addKeep(spec.keepColumns, spec.keep.get(), mapper(footer, spec.keepColumns));
    }
    if (spec.eager && !probes.isEmpty()) {
      probes.add(spec.projection.columns(), mapper(footer, spec.projection));
    }
    return made;
  }

  private Output output(SchemaMapper mapper) {
    List<Node> nodes = mapper.map(spec.projection.columns());
    Set<Integer> encoded = new HashSet<>();
    for (int i = 0; spec.dictionaryStrings && i < nodes.size(); i++) {
      boolean string = spec.projection.columns().get(i).type().typeId() == Type.TypeID.STRING;
      if (string
          && nodes.get(i) instanceof Node.Stored stored
          && DictionaryColumn.isEncoded(stored.leaf(), groups)) {
        encoded.add(i);
      }
    }
    return new Output(spec.projection, nodes, encoded, probes, allocator);
  }

  private static Map<Integer, ColumnDescriptor> stored(
      List<NestedField> fields, SchemaMapper mapper) {
    Map<Integer, ColumnDescriptor> stored = new HashMap<>();
    List<Node> nodes = mapper.map(fields);
    for (int i = 0; i < nodes.size(); i++) {
      collect(fields.get(i), nodes.get(i), stored);
    }
    return stored;
  }

  private static void collect(NestedField field, Node node, Map<Integer, ColumnDescriptor> stored) {
    if (node instanceof Node.Stored leaf) {
      stored.put(field.fieldId(), leaf.leaf().column());
    } else if (node instanceof Node.Struct struct && field.type().isStructType()) {
      List<NestedField> fields = field.type().asStructType().fields();
      for (int i = 0; i < fields.size(); i++) {
        collect(fields.get(i), struct.children().get(i), stored);
      }
    }
  }

  private static List<StoredLeaf> leaves(List<Column> columns) {
    return columns.stream().flatMap(column -> column.leaves().stream()).toList();
  }

  VectorSchemaRoot root() {
    return output.root();
  }

  DictionaryProvider dictionaries() {
    return output.dictionaries();
  }

  ReadCounters counters() {
    return counts.snapshot();
  }

  /** Starts to fetch the first row group, unless it takes more than {@code bytes} of memory. */
  void prefetch(long bytes) {
    if (group == null) {
      queue.prefetch(bytes);
    }
  }

  /** Loads the next batch; false at the end. */
  boolean next() {
    while (true) {
      if (spec.stop.getAsBoolean()) {
        throw new CancellationException("the read was stopped");
      }
      Window current = window;
      if (current != null && current.hasMore()) {
        emit(current);
        return true;
      }
      window = null;
      GroupData data = group;
      if (data == null) {
        if (!openGroup()) {
          return false;
        }
      } else if (!nextWindow(data)) {
        queue.outputWasNeeded(mostOutput > 0);
        data.close();
        group = null;
      }
    }
  }

  // ---- row groups

  private boolean openGroup() {
    GroupQueue.Entry entry = queue.poll();
    if (entry == null) {
      return false;
    }
    GroupData data = entry.data();
    group = data;
    groupAt = entry.at();
    position = 0;
    mostProbed = 0;
    mostOutput = 0;
    for (Column column : probes.columns()) {
      column.start(data);
    }
    for (Column column : output.columns()) {
      column.start(data);
    }
    return true;
  }

  // ---- windows

  /** Finds rows to keep; false at the end of the row group. A window may turn out to have none. */
  private boolean nextWindow(GroupData data) {
    RowRanges.Range range = rangeAt(data);
    if (range == null) {
      return false;
    }
    position = Math.max(position, range.from());
    List<RowRanges.Range> ranges = data.ranges().ranges();
    long left = ranges.get(ranges.size() - 1).to() - position;
    select(data, (int) Math.min(left, spec.batchRows));
    if (bits.isEmpty()) {
      position += bits.rows();
      return true;
    }
    int most = probes.isEmpty() ? mostOutput(data) : mostProbed(data);
    if (bits.rows() > most) {
      select(data, most);
    }
    arrays.reset();
    Selection kept = Selection.of(bits, arrays);
    long first = position;
    position += bits.rows();
    if (kept.count() > 0) {
      window = probes.isEmpty() ? new Window(first, kept, kept) : probe(first, kept);
    }
    return true;
  }

  private RowRanges.@Nullable Range rangeAt(GroupData data) {
    for (RowRanges.Range range : data.ranges().ranges()) {
      if (position < range.to()) {
        return range;
      }
    }
    return null;
  }

  /**
   * Makes {@link #bits} the rows of the next {@code rows} ones that are in range and not deleted.
   */
  private void select(GroupData data, int rows) {
    bits.startFull(rows);
    long from = 0;
    for (RowRanges.Range range : data.ranges().ranges()) {
      clear(from, range.from());
      from = range.to();
    }
    clear(from, Long.MAX_VALUE);
    deleted.remove(groupAt, position, bits);
  }

  /** Clears the bits of rows {@code [from, to)} of the row group. */
  private void clear(long from, long to) {
    long end = Math.min(to - position, bits.rows());
    for (long row = Math.max(0, from - position); row < end; row++) {
      bits.clear((int) row);
    }
  }

  private Window probe(long first, Selection kept) {
    List<Column> columns = probes.columns();
    output.recycle();
    columns.forEach(Column::recycle);
    team.each(columns, column -> column.read(first, kept));
    counts.rowsDecoded.addAndGet(kept.count());
    bits.startFull(kept.count());
    probes.test(bits);
    return new Window(first, kept.narrowed(bits), Selection.of(bits));
  }

  private int mostProbed(GroupData data) {
    if (mostProbed == 0) {
      queue.fetch(data, probeLeaves);
      mostProbed = most(probes.columns());
    }
    return mostProbed;
  }

  private int mostOutput(GroupData data) {
    if (mostOutput == 0) {
      queue.fetch(data, outputLeaves);
      mostOutput = most(output.columns());
    }
    return mostOutput;
  }

  private static int most(List<Column> columns) {
    return columns.stream().mapToInt(Column::mostRows).min().orElse(Integer.MAX_VALUE);
  }

  private void emit(Window current) {
    GroupData data = group;
    if (data == null) {
      throw new IllegalStateException("no row group");
    }
    int most = mostOutput(data);
    Selection rows = current.next(most);
    while (rows.count() == 0) {
      current.advance(most);
      rows = current.next(most);
    }
    output.recycle();
    long first = current.first();
    Selection wanted = rows;
    team.each(output.columns(), column -> column.read(first, wanted));
    if (!probes.isEmpty()) {
      output.take(current.nextProbed(most));
    }
    output.root().setRowCount(rows.count());
    current.advance(most);
    if (probes.isEmpty()) {
      counts.rowsDecoded.addAndGet(rows.count());
    }
  }

  @Override
  public void close() {
    GroupData current = group;
    group = null;
    window = null;
    if (current != null) {
      current.close();
    }
    opened.close();
  }
}
