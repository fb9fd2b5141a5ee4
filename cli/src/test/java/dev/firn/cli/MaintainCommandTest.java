package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.cli.run.Interruption;
import dev.firn.compaction.policy.MaintenancePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaintainCommandTest {
  record Row(long id) {}

  @TempDir private Path directory;
  private Console firn;

  @BeforeEach
  void open() {
    firn = new Console(directory);
    firn.ok("init");
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      LakeTable orders =
          lake.createTable(
              "shop.orders",
              new Schema(Types.NestedField.required(1, "id", Types.LongType.get())),
              t -> t.property(MaintenancePolicy.MIN_FILES, "4"));
      for (long id = 0; id < 20; id++) {
        try (TableWriter writer = orders.append()) {
          writer.write(new Row(id));
          writer.commit();
        }
      }
    }
  }

  private Path warehouse() {
    return directory.resolve("warehouse");
  }

  @Test
  void onceDoesWhatTheDryRunSaysAndHistoryKeepsIt() {
    firn.ok("maintain --once --dry-run -o csv");
    assertThat(firn.out).contains("shop.orders,compact-recent,now,19,");
    assertThat(firn.err).contains("Would do 2 things");

    firn.ok("maintain --once -o json");
    assertThat(firn.out.lines())
        .hasSize(2)
        .anyMatch(
            line ->
                line.contains("\"work\":\"compact-recent\"")
                    && line.contains("\"outcome\":\"done\"")
                    && line.contains("\"files_before\":20"));
    assertThat(firn.err).contains("shop.orders: compact-recent done", "Did 2 things, 0 failed");

    firn.ok("maintain --once");
    assertThat(firn.err).contains("Nothing was due");
    firn.ok("maintain shop.orders --history -o csv");
    assertThat(firn.out).contains("compact-recent,done", "sweep,done");
  }

  @Test
  void pausedTableIsLeftAlone() {
    firn.ok("maintain shop.orders --pause");
    assertThat(firn.err).contains("Paused shop.orders");
    firn.ok("maintain --once");
    assertThat(firn.err).contains("Nothing was due", "shop.orders is paused");
    firn.ok("maintain --once --dry-run");
    assertThat(firn.err).contains("Would do 2 things", "shop.orders is paused");
    firn.ok("maintain --resume");
    assertThat(firn.err).contains("Still paused by themselves: shop.orders");
    firn.ok("maintain --pause");
    firn.ok("maintain shop.orders --resume");
    assertThat(firn.err).contains("Resumed shop.orders", "The whole catalog is paused still");

    firn.ok("maintain --resume");
    assertThat(firn.err).doesNotContain("paused");
    firn.ok("maintain --once");
    assertThat(firn.err).contains("Did 2 things");
  }

  @Test
  void runsUntilItIsStopped() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Interruption[] interruption = new Interruption[1];
    int[] code = {-1};
    Thread command =
        new Thread(
            () -> {
              interruption[0] = new Interruption();
              begun.countDown();
              code[0] = firn.run(List.of("maintain", "-o", "json"), interruption[0]);
            },
            "maintain");
    command.start();
    assertThat(begun.await(5, TimeUnit.MINUTES)).isTrue();
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
      while (lake.maintenance().history(10).size() < 2) {
        assertThat(System.nanoTime()).isLessThan(end);
        command.join(20);
      }
    }
    interruption[0].stop();
    command.join(TimeUnit.MINUTES.toMillis(5));

    assertThat(code[0]).isZero();
    assertThat(firn.out).contains("\"work\":\"compact-recent\"");
    assertThat(firn.err).contains("Ctrl-C stops", "Stopped: 2 things done");
  }

  @Test
  void doctorNamesWhatMendsAndChecks() {
    firn.ok("doctor shop.orders -o csv");
    assertThat(firn.out).contains("small-files", "firn compact shop.orders");
    assertThat(firn.err).contains("shop.orders: grade ");
    assertThat(firn.run("doctor shop.orders --check")).isEqualTo(2);
    assertThat(firn.err)
        .contains("Cannot call shop.orders healthy", "firn maintain shop.orders --once");

    firn.ok("maintain --once");

    firn.ok("doctor shop.orders --check -o json");
    assertThat(firn.out).contains("\"healthy\":true", "\"data_files\":1", "\"due\":[]");
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThat(firn.run("maintain --once --pause")).isEqualTo(2);
    assertThat(firn.err).contains("expected one of --once, --pause, --resume and --history");
    assertThat(firn.run("maintain shop.nothing --once")).isEqualTo(3);
    assertThat(firn.run("doctor shop.nothing")).isEqualTo(3);
  }

  @Test
  void tableWithAWrongPropertyDoesNotHoldUpTheOthers() {
    try (Lakehouse lake = Lakehouse.open(warehouse())) {
      lake.createTable(
          "shop.bad",
          new Schema(Types.NestedField.required(1, "id", Types.LongType.get())),
          t -> t.property("firn.maintenance.shore", "1"));
    }

    assertThat(firn.run("maintain --once --dry-run -o csv")).isEqualTo(2);
    assertThat(firn.out)
        .contains("shop.orders,compact-recent,now,19,", "shop.bad,look,,,Cannot maintain shop.bad");
    assertThat(firn.err)
        .contains("Would do 2 things", "firn.maintenance.shore")
        .contains("what is due for shop.bad could not be found out");
    assertThat(firn.run("maintain --once -o json")).isEqualTo(6);
    assertThat(firn.out.lines())
        .anyMatch(line -> line.contains("shop.bad") && line.contains("\"work\":\"look\""))
        .anyMatch(line -> line.contains("shop.orders") && line.contains("\"work\":\"sweep\""));
    assertThat(firn.err)
        .contains("Cannot maintain shop.bad: ", "firn.maintenance.shore", "firn evolve properties")
        .contains("Did 3 things, 1 failed");
    assertThat(firn.run("doctor shop.bad")).isEqualTo(2);
    assertThat(firn.err).contains("Cannot maintain shop.bad: ");

    firn.ok("evolve properties shop.bad --drop firn.maintenance.shore");
    firn.ok("maintain --once");
  }
}
