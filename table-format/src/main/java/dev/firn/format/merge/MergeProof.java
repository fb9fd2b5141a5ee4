package dev.firn.format.merge;

import dev.firn.format.parquet.page.ChunkSpec;
import dev.firn.format.parquet.page.Conversion;
import dev.firn.format.parquet.page.CorruptPageException;
import dev.firn.format.parquet.page.StoredPages;
import dev.firn.format.parquet.read.StoredFile;
import dev.firn.format.parquet.write.Parallel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.FileIO;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/**
 * What the pages of a merge's sources held, by which its files can be proven, page by page and in
 * order. A builder while the files are written, by one thread; then immutable. Takes twelve bytes a
 * page.
 */
public final class MergeProof {
  private final Layout layout;
  private final List<List<Group>> files = new ArrayList<>();

  /** The digests of a row group by column. */
  private record Group(long rows, List<PageDigests> columns) {}

  MergeProof(Layout layout) {
    this.layout = layout;
  }

  void beginFile() {
    files.add(new ArrayList<>());
  }

  /** A row group of the last file; returns where digests go, by column. */
  List<PageDigests> beginGroup(long rows) {
    List<PageDigests> columns = new ArrayList<>();
    layout.columns().forEach(column -> columns.add(new PageDigests()));
    files.get(files.size() - 1).add(new Group(rows, columns));
    return columns;
  }

  /**
   * Reads the files back from the store, and compares each page with the one it came of: its bytes
   * where they were copied, and else its levels and values. Returns what differs first, as a clause
   * that names the file; empty: they hold, in order, what the sources held.
   *
   * <p>A file that cannot be read, or does not decode, is as {@link StoredFile} tells it. Holds one
   * chunk for each thread at a time.
   *
   * @param merged the files of the merge, in order
   */
  public Optional<String> fault(FileIO io, List<DataFile> merged, MergeOptions options) {
    Parallel parallel = new Parallel(options.executor(), options.threads());
    BufferAllocator parent = options.allocator();
    List<Worker> workers = new ArrayList<>();
    try (BufferAllocator memory = parent.newChildAllocator("merge proof", 0, parent.getLimit())) {
      try {
        for (int i = 0; i < parallel.workers(); i++) {
          workers.add(new Worker(layout.settings(), memory));
        }
        for (int i = 0; i < merged.size(); i++) {
          Optional<String> fault =
              new FileCheck(io, merged.get(i), files.get(i), workers, parallel, memory).fault();
          if (fault.isPresent()) {
            return fault.map((merged.get(i).location() + ": ")::concat);
          }
        }
        return Optional.empty();
      } finally {
        workers.forEach(Worker::close);
      }
    }
  }

  /** One file that is read back. Confined to one thread, and the workers. */
  private final class FileCheck {
    private final FileIO io;
    private final DataFile file;
    private final List<Group> expected;
    private final List<Worker> workers;
    private final Parallel parallel;
    private final BufferAllocator memory;
    private final AtomicReference<@Nullable String> fault = new AtomicReference<>();

    FileCheck(
        FileIO io,
        DataFile file,
        List<Group> expected,
        List<Worker> workers,
        Parallel parallel,
        BufferAllocator memory) {
      this.io = io;
      this.file = file;
      this.expected = expected;
      this.workers = workers;
      this.parallel = parallel;
      this.memory = memory;
    }

    Optional<String> fault() {
      try (StoredFile stored =
          StoredFile.begin(
              io.newInputFile(file), file.fileSizeInBytes(), Source.WHOLE_BYTES, memory)) {
        stored.readFooter();
        List<BlockMetaData> groups = stored.groups();
        if (groups.size() != expected.size()) {
          return Optional.of(
              "expected %d row groups, got %d".formatted(expected.size(), groups.size()));
        }
        for (int i = 0; i < groups.size() && fault.get() == null; i++) {
          group(stored, i, groups.get(i), expected.get(i));
        }
      }
      return Optional.ofNullable(fault.get());
    }

    private void group(StoredFile stored, int number, BlockMetaData group, Group wanted) {
      List<ColumnChunkMetaData> chunks = group.getColumns();
      if (group.getRowCount() != wanted.rows() || chunks.size() != layout.columns().size()) {
        fault.set(
            "expected row group %d of %d rows and %d columns, got %d and %d"
                .formatted(
                    number,
                    wanted.rows(),
                    layout.columns().size(),
                    group.getRowCount(),
                    chunks.size()));
        return;
      }
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < chunks.size(); i++) {
        order.add(i);
      }
      // The largest first: what is left for the end is soon done.
      order.sort(Comparator.comparingLong(i -> -chunks.get(i).getTotalSize()));
      parallel.run(
          order.size(),
          (at, worker) -> {
            int i = order.get(at);
            chunk(stored, number, i, chunks.get(i), wanted, workers.get(worker));
          });
    }

    private void chunk(
        StoredFile stored,
        int group,
        int index,
        ColumnChunkMetaData chunk,
        Group wanted,
        Worker worker) {
      Column column = layout.columns().get(index);
      StoredPages pages = worker.pages;
      try (StoredFile.Chunk alone = stored.read(group, chunk)) {
        pages.open(
            ChunkSpec.of(
                file.location(),
                group,
                column.descriptor(),
                chunk,
                chunk.getStartingPos(),
                Conversion.NONE),
            alone.bytes());
        String found = fault(column, wanted.columns().get(index), worker);
        if (found != null) {
          fault.compareAndSet(
              null, "row group %d, column %s: %s".formatted(group, column.name(), found));
        }
      } catch (CorruptPageException e) {
        throw pages.corrupt(e);
      }
    }

    private @Nullable String fault(Column column, PageDigests wanted, Worker worker) {
      StoredPages pages = worker.pages;
      long @Nullable [] entries = null;
      int page = 0;
      while (pages.next()) {
        if (pages.kind() == StoredPages.Kind.DICTIONARY) {
          int width = column.width();
          PlainEntries.check(pages.content(), pages.uncompressedLength(), pages.entries(), width);
          entries = PageDigest.entries(pages.content(), pages.entries(), width);
        } else if (page == wanted.pages()
            || digest(wanted.kind(page), column, worker, entries) != wanted.digest(page)) {
          return "page %d of %d differs from the one it came of".formatted(page, wanted.pages());
        } else {
          page++;
        }
      }
      return page == wanted.pages()
          ? null
          : "expected %d pages, got %d".formatted(wanted.pages(), page);
    }

    private long digest(
        PageDigest.Kind kind, Column column, Worker worker, long @Nullable [] entries) {
      StoredPages pages = worker.pages;
      return switch (kind) {
        case STORED -> PageDigest.stored(pages);
        case CONTENT -> PageDigest.content(pages);
        case NUMBERS -> {
          long[] numbers = new long[pages.entries()];
          pages.deltas(numbers);
          yield PageDigest.numbers(numbers);
        }
        case VALUES -> {
          int count = pages.values();
          if (pages.encoding() != Encoding.RLE_DICTIONARY) {
            yield PageDigest.plain(pages, count, column.width());
          }
          long[] known = Objects.requireNonNullElseGet(entries, () -> new long[0]);
          int[] ids = worker.ids(count);
          pages.ids(count, known.length, ids);
          yield PageDigest.values(pages, ids, count, known);
        }
      };
    }
  }
}
