package dev.firn.ingest;

import dev.firn.LakeTable;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.ingest.read.Inference;
import dev.firn.ingest.read.InferredSchema;
import dev.firn.ingest.read.InputSet;
import dev.firn.ingest.read.ReadMonitor;
import dev.firn.ingest.read.ReadOptions;
import dev.firn.ingest.read.RejectHandler;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** Decides what a load is going to do, for the load and for a look at it. Immutable. */
final class Planner {
  private static final Set<Type.TypeID> DATED =
      Set.of(Type.TypeID.DATE, Type.TypeID.TIMESTAMP, Type.TypeID.TIMESTAMP_NANO);

  private final LoadRequest request;
  private final @Nullable LakeTable table;

  /**
   * {@code table} is null where the load makes it.
   *
   * @throws FirnException (invalid) where a table that is there is to be laid out
   */
  Planner(LoadRequest request, @Nullable LakeTable table) {
    this.request = request;
    this.table = table;
    if (table != null && request.layout() != null) {
      throw FirnException.invalid(
          "Cannot load into %s: the table is there already, so its partitioning and sort order cannot be given; leave them out, or change them with 'firn evolve'"
              .formatted(request.table()));
    }
  }

  /**
   * Reads the inputs as far as their types are open, and plans.
   *
   * @param allocator borrowed, for Arrow files
   * @throws FirnException (invalid) where columns of the inputs have no place
   */
  LoadPlan plan(InputSet inputs, BufferAllocator allocator, ReadMonitor monitor) {
    ReadOptions options = options();
    // Rows that fit no schema are met again when converting, and set aside then.
    RejectHandler first = request.onError() == OnError.FAIL ? RejectHandler.FAIL : r -> {};
    InferredSchema inferred = Inference.run(inputs, options, allocator, monitor, first);
    Schema given = request.schema();
    if (given == null && inferred.schema().columns().isEmpty()) {
      throw FirnException.invalid(
          "Cannot load into %s: the inputs have no columns; are they empty? Give --schema to make an empty table"
              .formatted(request.table()));
    }
    Schema source = given == null ? inferred.schema() : given;
    Evolution.Plan evolution = evolution(inferred, source);
    checkColumns(inferred.schema(), evolution.schema());
    return new LoadPlan(
        options, inferred, evolution.schema(), evolution.changes(), notes(inferred));
  }

  private List<String> notes(InferredSchema inferred) {
    boolean typesAreFound = request.schema() == null && table == null;
    return inferred.notes().stream()
        .filter(note -> typesAreFound || !note.startsWith("column "))
        .toList();
  }

  private Evolution.Plan evolution(InferredSchema inferred, Schema source) {
    if (table == null) {
      return new Evolution.Plan(source, List.of());
    }
    Schema current = table.schema();
    if (!request.evolve()) {
      return new Evolution.Plan(current, List.of());
    }
    Schema narrow = request.schema() == null ? inferred.narrow() : source;
    return Evolution.plan(current, source, narrow);
  }

  private void checkColumns(Schema source, Schema target) {
    List<String> missing = Evolution.missing(source.asStruct(), target.asStruct(), "");
    if (missing.isEmpty()) {
      return;
    }
    List<String> known = target.columns().stream().map(Types.NestedField::name).toList();
    String hint = NearMatch.hint(missing.get(0), known);
    String where = request.schema() != null ? "the given schema" : "the table";
    String remedy =
        request.schema() != null
            ? "; add them to --schema"
            : "; give --evolve to add them to the table";
    throw FirnException.invalid(
        "Cannot load into %s: %s has no column %s%s%s"
            .formatted(
                request.table(), where, "'" + String.join("', '", missing) + "'", remedy, hint));
  }

  private ReadOptions options() {
    ReadOptions options = request.options();
    Schema known = request.schema();
    if (known == null && table != null) {
      known = table.schema();
    }
    if (known == null) {
      return options;
    }
    if (!options.header() && options.columnNames() == null) {
      options = options.columnNames(known.columns().stream().map(Types.NestedField::name).toList());
    }
    Set<String> dates = dates(known);
    // With every type known, only how dates are written could still need the whole input.
    boolean open = request.evolve() && request.schema() == null;
    return open || !dates.isEmpty() ? options.dateColumns(dates) : options.sampleRows(1);
  }

  /** Returns the paths of dates and timestamps, as {@link ReadOptions#dateColumns()} names them. */
  private static Set<String> dates(Schema schema) {
    Set<String> paths = new HashSet<>();
    addDates(schema.asStruct(), "", paths);
    return paths;
  }

  private static void addDates(Type type, String path, Set<String> into) {
    if (type.isStructType()) {
      for (Types.NestedField field : type.asStructType().fields()) {
        String name = path.isEmpty() ? field.name() : path + "." + field.name();
        addDates(field.type(), name, into);
      }
    } else if (type.isListType()) {
      addDates(type.asListType().elementType(), path + "[]", into);
    } else if (DATED.contains(type.typeId())) {
      into.add(path);
    }
  }
}
