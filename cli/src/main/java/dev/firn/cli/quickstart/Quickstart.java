package dev.firn.cli.quickstart;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.lessThan;

import dev.firn.DeleteReceipt;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.SortTerm;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.cli.quickstart.Generator.OrderLines;
import dev.firn.compaction.CompactionResult;
import dev.firn.compaction.SnapshotExpiry;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * The whole story of two tables, told step by step: load, stream with a reader beside, correct,
 * evolve, query now and the past, compact, expire. What the tables hold is compared with the
 * generator after each step that changes it.
 */
public final class Quickstart {
  static final String NAMESPACE = "tpch";
  static final String ORDERS = NAMESPACE + ".orders";
  static final String LINEITEM = NAMESPACE + ".lineitem";

  /** The table property of quickstart's own tables, which alone it may replace. */
  private static final String MARK = "firn.quickstart";

  private static final String TAG = "before-corrections";
  private static final int STEPS = 9;
  private static final int MICRO_BATCHES = 100;
  private static final int ADD_COLUMN_AT = 34;
  private static final int CHANGE_SPEC_AT = 67;

  private final Lakehouse lake;
  private final Generator generator;
  private final Story story;
  private final String where;
  private final Runnable checkpoint;

  /**
   * Prepares the story; nothing happens before {@link #run()}.
   *
   * @param scale TPC-H scale factor: 1 is 1.5 million orders and 6 million line items
   * @param out where the story is told
   * @param where the options that every command shown needs, with a blank before them; or empty
   * @param checkpoint called again and again; what it throws ends the story
   */
  public Quickstart(
      Lakehouse lake, double scale, PrintStream out, String where, Runnable checkpoint) {
    this.lake = lake;
    this.generator = new Generator(scale);
    this.story = new Story(out, STEPS);
    this.where = where;
    this.checkpoint = checkpoint;
  }

  /**
   * Tells the story and returns the number of checks that held. Throws at the first that does not.
   */
  public int run() {
    LakeTables tables = create();
    load(tables);
    stream(tables);
    tables.lineitem().tag(TAG);
    tables.orders().tag(TAG);
    correct(tables);
    query();
    evolveSort(tables);
    compact(tables);
    expire(tables);
    verify(tables);
    return story.checks();
  }

  private record LakeTables(LakeTable orders, LakeTable lineitem) {}

  private LakeTables create() {
    story.step("Create two Iceberg tables");
    List.of(ORDERS, LINEITEM).forEach(this::removeFormer);
    story.command("create %s \"o_orderkey bigint not null, …\" --key o_orderkey%s", ORDERS, where);
    LakeTable orders =
        lake.createTable(
            ORDERS, TpchRows.ORDERS, layout -> layout.key("o_orderkey").property(MARK, "true"));
    LakeTable lineitem =
        lake.createTable(LINEITEM, TpchRows.LINEITEM, layout -> layout.property(MARK, "true"));
    story.say(
        "created %s and %s: standard Iceberg, nothing but Parquet, Avro and JSON files",
        ORDERS, LINEITEM);
    return new LakeTables(orders, lineitem);
  }

  private void removeFormer(String name) {
    Optional<LakeTable> former = lake.findTable(name);
    if (former.isEmpty()) {
      return;
    }
    if (!former.get().iceberg().properties().containsKey(MARK)) {
      throw new FirnException(
          ErrorKind.ALREADY_EXISTS,
          "Cannot run the quickstart: %s exists and is not the quickstart's; name another warehouse with --warehouse"
              .formatted(name));
    }
    lake.purgeTable(name);
  }

  private void load(LakeTables tables) {
    story.step("Load nine tenths of the orders in one batch");
    story.command("load %s orders.parquet%s", ORDERS, where);
    long start = System.nanoTime();
    long rest = generator.orderCount() / 10;
    try (TableWriter orders = tables.orders().append();
        TableWriter lineitem = tables.lineitem().append()) {
      for (long i = generator.orderCount() - rest; i > 0 && generator.hasNext(); i--) {
        write(generator.next(), orders, lineitem);
        checkpoint.run();
      }
      orders.commit();
      lineitem.commit();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    long rows = generator.orders().rows() + generator.lines().rows();
    story.say("%,d rows in %s, one snapshot for each table", rows, Story.seconds(took));
    checkTotals(tables, generator.orders(), generator.lines());
  }

  private static void write(OrderLines order, TableWriter orders, TableWriter lineitem) {
    orders.write(TpchRows.row(orders.schema(), order.order()));
    order.lines().forEach(line -> lineitem.write(TpchRows.row(lineitem.schema(), line)));
  }

  private void stream(LakeTables tables) {
    story.step(
        "Stream the rest in %d micro-batches, a reader beside them".formatted(MICRO_BATCHES));
    story.command("append %s - --format ndjson%s < batch.ndjson", LINEITEM, where);
    long batch = Math.max(1, generator.orderCount() / 10 / MICRO_BATCHES);
    long start = System.nanoTime();
    try (BesideReader reader =
        new BesideReader(tables.lineitem(), "l_linenumber", generator.lines().rows())) {
      for (int i = 1; i <= MICRO_BATCHES; i++) {
        checkpoint.run();
        evolveInFlight(i, tables.lineitem());
        boolean last = i == MICRO_BATCHES;
        streamBatch(generator.next(last ? Long.MAX_VALUE : batch), tables, reader);
      }
      BesideReader.Seen seen = reader.finish();
      story.say(
          "%d commits in %s; the reader scanned %d times and saw %d states, each a whole number of batches",
          2 * MICRO_BATCHES,
          Story.seconds(Duration.ofNanos(System.nanoTime() - start)),
          seen.reads(),
          seen.states());
    }
    checkTotals(tables, generator.orders(), generator.lines());
    long withChannel = tables.lineitem().scan().where(equal(TpchRows.CHANNEL, "web")).count();
    story.say(
        "%,d of the rows streamed since have %s = 'web'; older rows read as null",
        withChannel, TpchRows.CHANNEL);
  }

  private void streamBatch(List<OrderLines> batch, LakeTables tables, BesideReader reader) {
    try (TableWriter orders = tables.orders().append();
        TableWriter lineitem = tables.lineitem().append()) {
      batch.forEach(order -> write(order, orders, lineitem));
      reader.allow(generator.lines().rows());
      orders.commit();
      lineitem.commit();
    }
  }

  private void evolveInFlight(int batch, LakeTable lineitem) {
    if (batch == ADD_COLUMN_AT) {
      story.command("evolve add %s %s string%s", LINEITEM, TpchRows.CHANNEL, where);
      lineitem.evolve().addColumn(TpchRows.CHANNEL, Types.StringType.get()).commit();
      story.say("before batch %d: a column more, no file rewritten", batch);
    }
    if (batch == CHANGE_SPEC_AT) {
      story.command("evolve partition %s --add \"year(l_shipdate)\"%s", LINEITEM, where);
      lineitem.evolve().addPartition(Terms.parse("year(l_shipdate)")).commit();
      story.say(
          "before batch %d: new files are partitioned by ship year, old ones stay as they are",
          batch);
    }
  }

  private void correct(LakeTables tables) {
    story.step("Correct what was wrong: delete lines, reprice orders");
    story.command(
        "delete %s --where \"l_returnflag = '%s' AND l_shipdate < DATE '%s'\"%s",
        LINEITEM, Generator.DELETE_FLAG, Generator.DELETE_BEFORE, where);
    Expression wrong =
        and(
            equal("l_returnflag", Generator.DELETE_FLAG),
            lessThan("l_shipdate", Generator.DELETE_BEFORE.toString()));
    DeleteReceipt deleted = tables.lineitem().delete(wrong);
    story.check("rows deleted", generator.deletedLines().rows(), deleted.rows());
    story.say(
        "%d files marked, %d dropped whole; no file rewritten",
        deleted.filesMarked(), deleted.filesRemoved());

    Expression late = greaterThanOrEqual("o_orderdate", Generator.REPRICE_FROM.toString());
    try (TableWriter repriced = tables.orders().overwrite(late)) {
      for (Record order : tables.orders().scan().where(late).toList()) {
        BigDecimal price = (BigDecimal) order.getField("o_totalprice");
        order.setField("o_totalprice", Generator.reprice(price));
        repriced.write(order);
      }
      CommitReceipt receipt = repriced.commit();
      story.say(
          "%,d orders since %s repriced in snapshot %d: old rows out and new rows in at once",
          generator.repriced().rows(), Generator.REPRICE_FROM, receipt.snapshotId());
    }
    checkCorrected(tables);
  }

  private void query() {
    story.step("Query now, and the same query in the past");
    String sql =
        "SELECT l_returnflag || l_linestatus AS status, count(*) AS lines, sum(l_extendedprice) AS price FROM %s GROUP BY 1 ORDER BY 1"
            .formatted(LINEITEM);
    story.command("sql -c \"%s\"%s", sql, where);
    Map<String, Totals> now = StatusQuery.run(lake, sql, null);
    now.forEach((status, totals) -> story.say("  %s  %s", status, totals));
    story.check("groups now equal the generator's", generator.linesByStatusAfterCorrections(), now);
    story.command("sql --as-of %s -c \"…\"%s", TAG, where);
    Map<String, Totals> past = StatusQuery.run(lake, sql, TAG);
    story.check("groups as of " + TAG, generator.linesByStatus(), past);
  }

  private void evolveSort(LakeTables tables) {
    story.step("Choose a sort order for the files to come");
    story.command("evolve sort %s l_shipdate l_orderkey%s", LINEITEM, where);
    tables
        .lineitem()
        .evolve()
        .sortBy(SortTerm.asc("l_shipdate"), SortTerm.asc("l_orderkey"))
        .commit();
    story.say("compaction will sort by it, so that scans of a few days skip most row groups");
  }

  private void compact(LakeTables tables) {
    story.step("Compact: granular snow into ice");
    story.command("compact %s%s", LINEITEM, where);
    Duration before = timeScan(tables.lineitem());
    for (LakeTable table : List.of(tables.lineitem(), tables.orders())) {
      CompactionResult result = table.compact().run();
      story.say(
          "%s: %,d files → %,d, %,d delete files → 0, %s → %s",
          table.name(),
          result.filesBefore(),
          result.filesAfter(),
          result.deleteFilesRemoved(),
          megabytes(result.bytesBefore()),
          megabytes(result.bytesAfter()));
    }
    story.say(
        "full scan of %s: %s before, %s after",
        LINEITEM, Story.seconds(before), Story.seconds(timeScan(tables.lineitem())));
    checkCorrected(tables);
  }

  private static Duration timeScan(LakeTable table) {
    long start = System.nanoTime();
    table.scan().count();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static String megabytes(long bytes) {
    return "%.1f MB".formatted(bytes / 1e6);
  }

  private void expire(LakeTables tables) {
    story.step("Expire old snapshots; the tag keeps its own");
    story.command("expire-snapshots %s --older-than 0s --retain-last 1%s", LINEITEM, where);
    for (LakeTable table : List.of(tables.lineitem(), tables.orders())) {
      SnapshotExpiry.Result result =
          table.expireSnapshots().olderThan(Instant.now()).retainLast(1).run();
      story.say(
          "%s: %d snapshots, %d data files, %d delete files and %d manifests removed",
          table.name(),
          result.snapshots().size(),
          result.dataFiles(),
          result.deleteFiles(),
          result.manifests());
    }
  }

  private void verify(LakeTables tables) {
    story.step("Check everything once more against the generator");
    checkCorrected(tables);
    story.check(
        "orders at the tag " + TAG,
        generator.orders(),
        totals(tables.orders(), "o_totalprice", TAG));
    story.check(
        "lines at the tag " + TAG,
        generator.lines(),
        totals(tables.lineitem(), "l_extendedprice", TAG));
    story.say(
        "all %d checks held, in %s. The tables are yours to play with:",
        story.checks(), story.elapsed());
    story.command("describe %s%s", LINEITEM, where);
    story.command("snapshots %s%s", LINEITEM, where);
    story.command(
        "scan %s --where \"l_shipdate >= DATE '1998-11-01'\" --limit 10%s", LINEITEM, where);
    story.command(
        "sql -c \"SELECT o_orderpriority, count(*) FROM %s GROUP BY 1\"%s", ORDERS, where);
  }

  private void checkCorrected(LakeTables tables) {
    checkTotals(
        tables,
        generator.ordersAfterCorrections(),
        generator.lines().minus(generator.deletedLines()));
  }

  private void checkTotals(LakeTables tables, Totals orders, Totals lines) {
    story.check(
        "orders equal the generator's", orders, totals(tables.orders(), "o_totalprice", null));
    story.check(
        "lines equal the generator's", lines, totals(tables.lineitem(), "l_extendedprice", null));
  }

  private static Totals totals(LakeTable table, String column, @Nullable String ref) {
    var scan = table.scan().select(column);
    long rows = 0;
    BigDecimal sum = Totals.NONE.sum();
    try (var cursor = (ref == null ? scan : scan.ref(ref)).open()) {
      for (Record row : cursor) {
        sum = sum.add((BigDecimal) row.get(0));
        rows++;
      }
    }
    return new Totals(rows, sum);
  }
}
