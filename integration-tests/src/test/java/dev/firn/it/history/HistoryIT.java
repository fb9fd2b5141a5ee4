package dev.firn.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.Lakehouse;
import dev.firn.it.history.Txn.Outcome;
import dev.firn.it.history.Txn.Read;
import dev.firn.testing.ChildJvm;
import dev.firn.testing.PostgresServer;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several processes, with several threads each, append to lists and replace what they read, in
 * transactions over the same three tables. What they saw and were told must have an explanation:
 * see {@link HistoryChecker}. The parent, too, reads all the time.
 */
@ExtendWith(TestServers.class)
class HistoryIT {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "element", Types.LongType.get()));
  private static final int PROCESSES = 3;
  private static final int WORKERS = 4;
  private static final int STEPS = Integer.getInteger("firn.txn.steps", 12);

  @TempDir Path directory;
  private final long seed = Long.getLong("firn.txn.seed", 1);

  @Test
  void sqlite() throws Exception {
    workAndCheck("jdbc:sqlite:" + directory.resolve("catalog.db"));
  }

  @Test
  void postgresql(PostgresServer server) throws Exception {
    workAndCheck(server.newDatabase());
  }

  private void workAndCheck(String catalog) throws Exception {
    System.out.println("HistoryIT -Dfirn.txn.seed=" + seed);
    String warehouse = directory.resolve("lake").toString();
    List<Txn> history;
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", warehouse, "catalog", catalog))) {
      WorkingProcess.TABLES.forEach(name -> lake.createTable(name, SCHEMA));
      history = work(warehouse, catalog);
      long now = System.nanoTime();
      for (String name : WorkingProcess.TABLES) {
        List<Long> all = new ArrayList<>();
        for (Record row : lake.table(name).scan().toList()) {
          all.add((Long) row.get(0));
        }
        Read read = new Read(name, Txn.NEWEST_SEEN, all);
        history.add(new Txn("last", now, now, Outcome.APPLIED, false, List.of(read), List.of()));
      }
    }
    long applied = history.stream().filter(txn -> txn.outcome() == Outcome.APPLIED).count();
    System.out.printf("%d transactions, %d of them applied%n", history.size(), applied);
    assertThat(HistoryChecker.check(history)).as("seed " + seed).isEmpty();
    assertThat(applied).isGreaterThan(PROCESSES * WORKERS * STEPS / 2);
  }

  private List<Txn> work(String warehouse, String catalog) throws Exception {
    List<ChildJvm> processes = new ArrayList<>();
    try {
      for (int process = 0; process < PROCESSES; process++) {
        Object[] numbers = {process * WORKERS, WORKERS, STEPS, seed};
        List<String> arguments = new ArrayList<>(List.of(warehouse, catalog));
        for (Object number : numbers) {
          arguments.add(number.toString());
        }
        processes.add(
            ChildJvm.start(WorkingProcess.class, directory.resolve("errors" + process), arguments));
      }
      for (ChildJvm process : processes) {
        assertThat(process.line()).isEqualTo("ready");
      }
      processes.forEach(ChildJvm::go);
      List<Txn> history = new ArrayList<>();
      for (ChildJvm process : processes) {
        for (String line = process.line(); !line.equals("end"); line = process.line()) {
          history.add(Txn.parse(line));
        }
        assertThat(process.errors()).isEmpty();
      }
      return history;
    } finally {
      processes.forEach(ChildJvm::close);
    }
  }
}
