package dev.firn.ingest;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableDefinition;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.Readers;
import dev.firn.ingest.read.RejectHandler;
import dev.firn.ingest.read.RowSource;
import dev.firn.ingest.read.Source;
import dev.firn.ingest.read.Target;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * What a load would do. Immutable.
 *
 * @param table the table it would load
 * @param creates whether it would make it
 * @param schema the table's schema afterwards
 * @param schemaChanges that it would make to a table that is there, one sentence each
 * @param files it would read
 * @param bytes size of these files
 * @param rows looked at
 * @param rejected those of them that it would set aside
 * @param notes on choices that a user should know, one sentence each
 */
public record LoadPreview(
    String table,
    boolean creates,
    Schema schema,
    List<String> schemaChanges,
    int files,
    long bytes,
    long rows,
    long rejected,
    List<String> notes) {

  public LoadPreview {
    schemaChanges = List.copyOf(schemaChanges);
    notes = List.copyOf(notes);
  }

  /**
   * Does all of a load but its writing, and fails where that would. Where types are given, by a
   * table that is there or by the request, every row is converted to them; where they are inferred
   * the rows fit by themselves.
   *
   * @param lake borrowed; null where there is none yet
   */
  public static LoadPreview of(@Nullable Lakehouse lake, LoadRequest request) {
    LakeTable table = lake == null ? null : lake.findTable(request.table()).orElse(null);
    Planner planner = new Planner(request, table);
    Watch watch = new Watch(request.table(), request.progress());
    try (InputSet inputs =
            InputSet.open(request.inputs(), request.options().format(), request.stdin());
        BufferAllocator allocator = new RootAllocator()) {
      watch.begin(LoadProgress.Phase.INFERRING, inputs.bytes());
      LoadPlan plan = planner.plan(inputs, allocator, watch);
      watch.end();
      Schema schema = table == null ? laidOut(plan.schema(), request) : plan.schema();
      boolean known = table != null || request.schema() != null;
      boolean converts = known || schema.columns().stream().anyMatch(Types.NestedField::isRequired);
      Conversion conversion = new Conversion(request, inputs, allocator, watch);
      long rejected = converts ? conversion.run(plan, schema) : 0;
      return new LoadPreview(
          request.table(),
          table == null,
          schema,
          plan.changes(),
          inputs.sources().size(),
          inputs.bytes(),
          converts ? watch.rows() : plan.inferred().rows(),
          rejected,
          plan.notes());
    }
  }

  private static Schema laidOut(Schema schema, LoadRequest request) {
    return request.layout() == null ? schema : TableDefinition.check(schema, request.layout());
  }

  /** Converts rows for nobody. */
  private record Conversion(
      LoadRequest request, InputSet inputs, BufferAllocator allocator, Watch watch) {

    /** Returns how many rows do not fit, where the load would go on without them. */
    long run(LoadPlan plan, Schema schema) {
      AtomicLong rejected = new AtomicLong();
      RejectHandler rejects =
          request.onError() == OnError.FAIL
              ? RejectHandler.FAIL
              : row -> rejected.incrementAndGet();
      watch.begin(LoadProgress.Phase.LOADING, inputs.bytes());
      Target target = new Target(schema, plan.inferred().styles(), rejects);
      for (Source source : inputs.sources()) {
        readAll(source, plan, target);
      }
      watch.end();
      return rejected.get();
    }

    private void readAll(Source source, LoadPlan plan, Target target) {
      try (RowSource rows =
          Readers.open(source, plan.options(), plan.inferred(), target, allocator, watch)) {
        while (rows.next() != null) {
          watch.checkStop();
        }
      }
    }
  }
}
