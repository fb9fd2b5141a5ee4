package dev.firn.it.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.AppendOptions;
import dev.firn.HistoryEntry;
import dev.firn.LakeTable;
import dev.firn.SnapshotInfo;
import dev.firn.SortTerm;
import dev.firn.TableEvolution;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.compaction.Compaction;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** Random changes of a table that leave its rows: schema, partitions, refs, upkeep. */
final class RandomShape {
  private final RandomTable at;
  private final LakeTable table;
  private final Random random;
  private final Model model;

  RandomShape(RandomTable at) {
    this.at = at;
    this.table = at.table;
    this.random = at.random;
    this.model = at.model;
  }

  void addColumn() {
    String name = at.name("c");
    List<Type> types =
        List.of(Types.StringType.get(), Types.IntegerType.get(), Types.DoubleType.get());
    Type type = types.get(random.nextInt(3));
    boolean defaulted = at.version() >= 3 && random.nextBoolean();
    at.log.add("add " + name + " " + type + (defaulted ? " default" : ""));
    if (!defaulted) {
      table.evolve().addColumn(name, type).commit();
      return;
    }
    Literal<?> literal =
        switch (type.typeId()) {
          case INTEGER -> Literal.of(2);
          case DOUBLE -> Literal.of(1.0);
          default -> Literal.of("ab");
        };
    table.evolve().addColumn(name, type, literal).commit();
    Object plain = Model.plain(literal.value());
    model.defaults.put(
        table.schema().findField(name).fieldId(),
        plain instanceof CharSequence text ? text.toString() : plain);
  }

  void renameOrWiden() {
    Types.NestedField field = column();
    if (field.type().typeId() == Type.TypeID.INTEGER && random.nextBoolean()) {
      at.log.add("widen " + field.name());
      table.evolve().widenColumn(field.name(), Types.LongType.get()).commit();
    } else if (field.type().typeId() == Type.TypeID.FLOAT) {
      at.log.add("widen " + field.name());
      table.evolve().widenColumn(field.name(), Types.DoubleType.get()).commit();
    } else {
      String name = at.name("r");
      at.log.add("rename " + field.name() + " to " + name);
      table.evolve().renameColumn(field.name(), name).commit();
    }
  }

  void dropColumn() {
    Types.NestedField field = column();
    Set<Integer> used = new HashSet<>();
    Table now = table.iceberg();
    now.spec().fields().forEach(f -> used.add(f.sourceId()));
    now.sortOrder().fields().forEach(f -> used.add(f.sourceId()));
    if (now.schema().columns().size() > 2 && !used.contains(field.fieldId())) {
      at.log.add("drop " + field.name());
      table.evolve().dropColumn(field.name()).commit();
    }
  }

  /** Any column but the id. */
  private Types.NestedField column() {
    List<Types.NestedField> columns = table.schema().columns();
    return columns.get(1 + random.nextInt(columns.size() - 1));
  }

  void repartition() {
    Types.NestedField field = column();
    boolean number = field.type().typeId() != Type.TypeID.STRING;
    if (random.nextInt(3) == 0) {
      at.log.add("sort by " + field.name());
      table.evolve().sortBy(SortTerm.desc(field.name())).commit();
      return;
    }
    if (number && field.type().typeId() != Type.TypeID.LONG) {
      field = table.schema().findField(1);
    }
    String call = random.nextBoolean() ? "bucket(2, %s)" : "truncate(2, %s)";
    Term term = Terms.parse(call.formatted(field.name()));
    at.log.add("partition by " + call.formatted(field.name()));
    evolve(() -> table.evolve().addPartition(term));
  }

  /** A field that is there already is refused, and changes nothing. */
  private void evolve(Supplier<TableEvolution> evolution) {
    try {
      evolution.get().commit();
    } catch (FirnException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
      at.log.add("(refused: " + e.getMessage() + ")");
    }
  }

  void branchOrTag() {
    if (model.pasts.isEmpty()) {
      return;
    }
    Model.Past past = model.anyPast(random);
    if (random.nextBoolean()) {
      String name = at.name("t");
      at.log.add("tag " + name + " at " + past.snapshot());
      table.tag(name, past.snapshot());
      model.tags.put(name, past.snapshot());
      return;
    }
    if (model.branches.isEmpty() || random.nextBoolean()) {
      String name = at.name("b");
      at.log.add("branch " + name);
      table.branch(name, past.snapshot());
      model.branches.put(name, past.rows());
    }
    List<String> all = List.copyOf(model.branches.keySet());
    String branch = all.get(random.nextInt(all.size()));
    at.log.add("append to " + branch);
    try (TableWriter writer = table.append(AppendOptions.DEFAULT.branch(branch))) {
      model.branches.put(branch, Model.plus(model.branches.get(branch), at.write(writer)));
      writer.commit();
    }
  }

  void rollback() {
    List<Model.Past> ancestors =
        table.history().stream()
            .filter(HistoryEntry::ancestor)
            .map(entry -> model.pasts.get(entry.snapshotId()))
            .filter(past -> past != null)
            .toList();
    if (!ancestors.isEmpty()) {
      Model.Past past = ancestors.get(random.nextInt(ancestors.size()));
      at.log.add("rollback to " + past.snapshot());
      table.rollback(past.snapshot());
      model.head = past.rows();
      at.forgetRowIds();
    }
  }

  void compact() {
    boolean everything = random.nextBoolean();
    Types.NestedField field = column();
    List<String> curve =
        Stream.concat(
                Stream.of(field.name()),
                table.schema().columns().stream().map(Types.NestedField::name))
            .distinct()
            .limit(2)
            .toList();
    int order = curve.size() < 2 ? 5 : random.nextInt(6);
    at.log.add(
        "compact%s, order %d by %s"
            .formatted(everything ? " everything" : "", order, field.name()));
    Compaction compaction = everything ? table.compact().everything() : table.compact();
    switch (order) {
      case 0 ->
          compaction.sortBy(SortOrder.builderFor(table.schema()).asc(field.name()).build()).run();
      case 1 -> compaction.zOrderBy(curve).run();
      case 2 -> compaction.hilbertBy(curve).run();
      default -> compaction.run();
    }
  }

  void convertDeletes() {
    at.log.add("convert deletes");
    table.convertDeletes().run();
    assertThat(ForeignDeletes.plan(table.iceberg()))
        .allSatisfy(
            task ->
                assertThat(task.deletes())
                    .noneMatch(file -> file.content() == FileContent.EQUALITY_DELETES));
  }

  void expireOrUpgrade() {
    if (at.version() == 2 && random.nextInt(2) == 0) {
      at.log.add("upgrade");
      table.setProperties(Map.of("format-version", "3"));
      return;
    }
    int keep = 1 + random.nextInt(3);
    at.log.add("expire but " + keep);
    table.expireSnapshots().olderThan(Instant.now().plusSeconds(60)).retainLast(keep).run();
    Set<Long> kept = table.snapshots().stream().map(SnapshotInfo::id).collect(Collectors.toSet());
    model.pasts.keySet().retainAll(kept);
    assertThat(kept).containsAll(model.tags.values());
  }
}
