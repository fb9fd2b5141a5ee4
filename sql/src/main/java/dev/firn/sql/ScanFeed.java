package dev.firn.sql;

import dev.firn.LakeScan;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.error.FirnException;
import dev.firn.scan.SnapshotSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.Types.NestedField;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Hands scans of tables to DuckDB as Arrow streams, each of which can be read once. Owns the
 * streams until closed, which must come after the connection's close. What a scan throws inside
 * DuckDB, where it would become text, is kept for {@link #failure()}.
 */
final class ScanFeed implements AutoCloseable {
  private final BufferAllocator allocator;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final AtomicReference<FirnException> failure = new AtomicReference<>();

  /** Borrows {@code allocator}. */
  ScanFeed(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Registers a stream under {@code name}. No data is read before DuckDB pulls. */
  void register(DuckDBConnection duck, String name, LakeNames.Named table, Columns columns) {
    LakeScan at = table.scan().at(columns.snapshot());
    LakeScan scan = columns.currentSchema() ? at.inCurrentSchema() : at;
    Schema schema = scan.schema();
    List<String> needed = columns.of(schema);
    LakeScan pruned = needed.size() == schema.columns().size() ? scan : scan.select(needed);
    ScanReader reader =
        new ScanReader(allocator, pruned.openArrow(allocator), "scan " + table.name());
    open.add(reader);
    ArrowArrayStream stream = ArrowArrayStream.allocateNew(allocator);
    open.add(stream);
    Data.exportArrayStream(allocator, reader, stream);
    duck.registerArrowStream(name, stream);
  }

  /** Returns what a scan failed with, or null. */
  @Nullable FirnException failure() {
    return failure.get();
  }

  @Override
  public void close() {
    Collections.reverse(open);
    Closing.all(open);
    open.clear();
  }

  /** Which columns of a table at a snapshot a query can need: all, where {@code tree} is null. */
  record Columns(SnapshotSelector snapshot, boolean currentSchema, @Nullable StatementTree tree) {
    List<String> of(Schema schema) {
      List<String> all = schema.columns().stream().map(NestedField::name).toList();
      if (tree == null || tree.allColumns()) {
        return all;
      }
      List<String> needed =
          all.stream().filter(c -> tree.mentions().contains(c.toLowerCase(Locale.ROOT))).toList();
      if (!needed.isEmpty()) {
        return needed;
      }
      // Rows are counted by some column: one of fixed width costs least.
      return schema.columns().stream()
          .filter(c -> c.type().isPrimitiveType() && c.type().typeId() != TypeID.STRING)
          .findFirst()
          .map(c -> List.of(c.name()))
          .orElse(all.isEmpty() ? all : all.subList(0, 1));
    }
  }

  private final class ScanReader extends ForwardingReader {
    private final String doing;

    ScanReader(BufferAllocator allocator, ArrowReader source, String doing) {
      super(allocator, source);
      this.doing = doing;
    }

    @Override
    public boolean loadNextBatch() throws IOException {
      Thread thread = Thread.currentThread();
      if (thread.getContextClassLoader() == null) {
        // DuckDB's own threads have none, and Iceberg finds its formats through it when first used.
        thread.setContextClassLoader(ScanFeed.class.getClassLoader());
      }
      try {
        return super.loadNextBatch();
      } catch (RuntimeException e) {
        throw keep(e);
      } catch (IOException e) {
        throw keep(new UncheckedIOException(e));
      }
    }

    private FirnException keep(RuntimeException error) {
      FirnException translated = IcebergErrors.translate(doing, error);
      failure.compareAndSet(null, translated);
      return translated;
    }
  }
}
