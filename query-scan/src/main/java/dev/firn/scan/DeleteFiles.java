package dev.firn.scan;

import dev.firn.format.parquet.read.ParquetReader;
import dev.firn.format.write.DeleteFileReads;
import dev.firn.storage.DirectExecutor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.mapping.NameMapping;
import org.apache.iceberg.util.StructLikeSet;
import org.jspecify.annotations.Nullable;

/**
 * Loads the delete files of one table in the calling thread, and keeps what fits its memory, of
 * which one half is for the cache, the other for keys that are taken in passes. Data files that are
 * read at the time hold on to what they have, cached or not. Failures name the delete file.
 * Thread-safe; keys are loaded by one thread, while others that need them wait.
 */
final class DeleteFiles implements DeleteLoader {
  /** A pass over fewer keys is not worth one. */
  private static final long LEAST_KEY_BYTES = 1024;

  private final Table table;
  private final DeleteCache cache;
  private final DeleteLoader loader = new CachingLoader();
  private final @Nullable NameMapping nameMapping;
  private final long keyBytes;
  private final Set<String> tooLarge = ConcurrentHashMap.newKeySet();
  private final Object passes = new Object();
  private final Object[] loads = new Object[64];

  DeleteFiles(Table table, long maxBytes) {
    this.table = table;
    this.keyBytes = Math.max(LEAST_KEY_BYTES, maxBytes / 2);
    this.cache = new DeleteCache(maxBytes / 2);
    this.nameMapping = TableNameMapping.of(table);
    Arrays.setAll(loads, i -> new Object());
  }

  /** What keys may take: those of one data file, or of one pass over it. */
  long keyBytes() {
    return keyBytes;
  }

  /** Whoever takes keys in passes holds it, for one of them fits the memory. */
  Object passes() {
    return passes;
  }

  /** What the cache holds, in bytes. */
  long cachedBytes() {
    return cache.bytes();
  }

  /** Returns the keys of one equality delete file; null where they do not fit the memory. */
  @Nullable KeySet keys(DeleteFile file, KeyLayout layout, BufferAllocator allocator) {
    String name = layout.name() + " of " + file.location();
    KeySet known = (KeySet) cache.kept(name);
    if (known != null || tooLarge.contains(name)) {
      return known;
    }
    synchronized (loads[Math.floorMod(name.hashCode(), loads.length)]) {
      known = (KeySet) cache.kept(name);
      if (known != null || tooLarge.contains(name)) {
        return known;
      }
      KeySet keys = layout.newSet(file.recordCount(), keyBytes);
      if (!fill(file, layout, HashPart.ALL, keys, allocator)) {
        tooLarge.add(name);
        return null;
      }
      cache.keep(name, keys, keys.bytes());
      return keys;
    }
  }

  /** Returns the sets of the group's files as one, where that is less work for so many rows. */
  List<KeySet> merged(EqualityDeletes.Group group, List<KeySet> sets, long rows) {
    if (sets.size() == 1) {
      return sets;
    }
    List<String> locations = group.files().stream().map(DeleteFile::location).sorted().toList();
    String name = group.stored().name() + " of " + locations;
    KeySet known = (KeySet) cache.kept(name);
    if (known != null) {
      return List.of(known);
    }
    long keys = sets.stream().mapToLong(KeySet::size).sum();
    if (keys > rows * (sets.size() - 1)) {
      return sets;
    }
    KeySet all = group.stored().newSet(keys, keyBytes / 2);
    for (KeySet set : sets) {
      if (!all.addAll(set)) {
        return sets;
      }
    }
    cache.keep(name, all, all.bytes());
    return List.of(all);
  }

  /** Adds the keys of one file that are in the part; false where they do not fit the set. */
  boolean fill(
      DeleteFile file, KeyLayout layout, HashPart part, KeySet into, BufferAllocator allocator) {
    return named(
        List.of(file),
        () -> {
          try (BatchCursor batches = rows(file, layout.columns(), allocator)) {
            while (batches.next()) {
              if (!layout.fill(batches.root(), part, into)) {
                return false;
              }
            }
            return true;
          }
        });
  }

  private BatchCursor rows(DeleteFile file, Schema columns, BufferAllocator allocator) {
    if (file.format() != FileFormat.PARQUET) {
      CloseableIterable<Record> records =
          FormatModelRegistry.<Record, Object>readBuilder(file.format(), Record.class, open(file))
              .project(columns)
              .build();
      return new RecordBatches(
          columns, records.iterator(), allocator, Decoding.DEFAULT_BATCH_ROWS, e -> e);
    }
    ParquetReader.Builder reader =
        ParquetReader.of(table.io().newInputFile(file), columns)
            .length(file.fileSizeInBytes())
            .batchRows(Decoding.DEFAULT_BATCH_ROWS);
    if (nameMapping != null) {
      reader.nameMapping(nameMapping);
    }
    return new ParquetBatches(reader.open(allocator), e -> e);
  }

  @Override
  public StructLikeSet loadEqualityDeletes(Iterable<DeleteFile> files, Schema projection) {
    return named(files, () -> loader.loadEqualityDeletes(files, projection));
  }

  @Override
  public PositionDeleteIndex loadPositionDeletes(
      Iterable<DeleteFile> files, CharSequence filePath) {
    return named(files, () -> loader.loadPositionDeletes(files, filePath));
  }

  /** A deletion vector is a range of its file, which is read as that. */
  private InputFile open(DeleteFile file) {
    InputFile input = DeleteFileReads.open(table.io(), file);
    return new StoreInputFile(
        file.format() == FileFormat.PUFFIN
            ? input
            : SmallInputFile.of(input, file.fileSizeInBytes()));
  }

  private <V> V named(Iterable<DeleteFile> files, Supplier<V> load) {
    try {
      return DeleteFileReads.load(table.io(), files, load);
    } catch (RuntimeException e) {
      throw ReadFailures.of(e, "delete file", locations(files), table.name());
    }
  }

  private static String locations(Iterable<DeleteFile> files) {
    List<String> locations =
        StreamSupport.stream(files.spliterator(), false)
            .map(DeleteFile::location)
            .distinct()
            .toList();
    String first = locations.stream().limit(3).collect(Collectors.joining(", "));
    return locations.size() <= 3 ? first : first + " and " + (locations.size() - 3) + " more";
  }

  private final class CachingLoader extends BaseDeleteLoader {
    CachingLoader() {
      super(DeleteFiles.this::open, DirectExecutor.INSTANCE);
    }

    @Override
    protected boolean canCache(long size) {
      return cache.accepts(size);
    }

    @Override
    protected <V> V getOrLoad(String key, Supplier<V> load, long size) {
      return cache.load(key, load, size);
    }
  }
}
