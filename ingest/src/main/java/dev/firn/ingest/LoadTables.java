package dev.firn.ingest;

import dev.firn.AppendOptions;
import dev.firn.LakeTable;
import dev.firn.LakeTransaction;
import dev.firn.Lakehouse;
import dev.firn.TableDefinition;
import dev.firn.TableWriter;
import dev.firn.TransactionOptions;
import dev.firn.TransactionReceipt;
import dev.firn.TransactionTable;
import dev.firn.TransactionWriter;
import dev.firn.catalog.commit.CommitReceipt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.Schema;

/** The tables that a load adds rows to. Confined to one thread. */
interface LoadTables {
  /** Opens an output to a table that is there; empty where it is not. */
  Optional<RowOutput> append(String table, AppendOptions options);

  /** Opens an output that makes the table. */
  RowOutput create(
      String table, Schema schema, Consumer<TableDefinition> layout, AppendOptions options);

  /** What a load does with the tables. */
  interface Work {
    void load(LoadTables tables);
  }

  /**
   * Runs {@code work} once, and commits all its tables together where the catalog can. Over a REST
   * catalog, which cannot, each output commits alone.
   */
  static TransactionReceipt run(Lakehouse lake, List<String> tables, Work work) {
    if (lake.hasTransactions()) {
      return lake.transact(
          TransactionOptions.DEFAULT.tables(tables).attempts(1),
          transaction -> work.load(new Together(transaction)));
    }
    OneByOne alone = new OneByOne(lake, new HashMap<>());
    work.load(alone);
    return new TransactionReceipt(alone.made());
  }

  /** All in one transaction. */
  record Together(LakeTransaction transaction) implements LoadTables {
    @Override
    public Optional<RowOutput> append(String table, AppendOptions options) {
      return transaction.findTable(table).map(found -> output(found, options));
    }

    @Override
    public RowOutput create(
        String table, Schema schema, Consumer<TableDefinition> layout, AppendOptions options) {
      return output(transaction.newTable(table, schema, layout), options);
    }

    private static RowOutput output(TransactionTable table, AppendOptions options) {
      TransactionWriter writer = table.append(options);
      return new RowOutput(writer, writer::commit);
    }
  }

  /** Each in a commit of its own. */
  record OneByOne(Lakehouse lake, Map<String, List<CommitReceipt>> made) implements LoadTables {
    @Override
    public Optional<RowOutput> append(String table, AppendOptions options) {
      Optional<LakeTable> found = lake.findTable(table);
      return found.map(at -> output(table, at.append(options)));
    }

    @Override
    public RowOutput create(
        String table, Schema schema, Consumer<TableDefinition> layout, AppendOptions options) {
      return output(table, lake.newTable(table, schema, layout).append(options.summary()));
    }

    private RowOutput output(String table, TableWriter writer) {
      return new RowOutput(writer, () -> made.put(table, List.of(writer.commit())));
    }
  }
}
