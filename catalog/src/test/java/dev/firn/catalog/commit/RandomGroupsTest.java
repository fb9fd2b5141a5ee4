package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.Table;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random groups against a model of the table, from a seed ({@code -Dfirn.commit.seed=N}): after
 * every group, readers see what the acknowledged members say, and nobody fails without a cause.
 */
class RandomGroupsTest {
  private static final long SEED = Long.getLong("firn.commit.seed", 20_261_121L);
  private static final int GROUPS = 25;

  @TempDir Path directory;

  /** A member, what it is about, and what it does to the model. */
  private record Sent(
      String what, String city, CompletableFuture<CommitReceipt> commit, Runnable effect) {}

  private final Map<String, Map<String, DataFile>> model = new LinkedHashMap<>();
  private CommitLake lake;
  private Random random;
  private int names;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void groupsDoWhatTheirMembersSay(int formatVersion) {
    long seed = SEED + formatVersion;
    random = new Random(seed);
    lake = new CommitLake(directory);
    try {
      Table table = lake.create(formatVersion);
      lake.commit(CommitLake.append());
      table.refresh();
      table.manageSnapshots().createBranch("audit").commit();
      model.put("main", new LinkedHashMap<>());
      model.put("audit", new LinkedHashMap<>());
      for (int group = 0; group < GROUPS; group++) {
        runGroup(formatVersion, "seed %d, group %d".formatted(seed, group));
      }
    } finally {
      lake.close();
    }
  }

  private void runGroup(int formatVersion, String where) {
    long base = lake.table().currentSnapshot().snapshotId();
    boolean foreign = random.nextInt(5) == 0;
    List<Sent> all = new ArrayList<>();
    lake.together(
        () -> {
          int members = 1 + random.nextInt(8);
          for (int i = 0; i < members; i++) {
            all.add(send(formatVersion, base));
          }
          if (foreign) {
            appendElsewhere();
          }
        });
    Set<String> touched = new HashSet<>();
    for (Sent sent : all) {
      settle(sent, touched, foreign, where);
    }
    for (String branch : model.keySet()) {
      assertThat(lake.visible(branch))
          .as("%s, branch %s", where, branch)
          .isEqualTo(model.get(branch).keySet().stream().sorted().toList());
    }
  }

  private void settle(Sent sent, Set<String> touched, boolean foreign, String where) {
    try {
      Futures.await(sent.commit());
      assertThat(sent.what()).as(where).isNotEqualTo("bad");
      sent.effect().run();
      if (sent.what().equals("delta")) {
        touched.add(sent.city());
      }
    } catch (FirnException e) {
      if (sent.what().equals("bad")) {
        assertThat(e.kind()).as(where).isEqualTo(ErrorKind.INVALID);
        return;
      }
      assertThat(sent.what()).as("%s: %s", where, e.getMessage()).isEqualTo("delta");
      assertThat(e.kind()).as(where).isEqualTo(ErrorKind.CONFLICT);
      assertThat(touched.contains(sent.city()) || foreign)
          .as("%s: nothing touched %s, yet %s", where, sent.city(), e.getMessage())
          .isTrue();
    }
  }

  private Sent send(int formatVersion, long base) {
    Map<String, DataFile> main = model.get("main");
    int kind = random.nextInt(10);
    if (kind < 3 && formatVersion > 1 && !main.isEmpty()) {
      List<DataFile> files = List.copyOf(main.values());
      return delta(files.get(random.nextInt(files.size())), formatVersion, base);
    }
    DataFile file = lake.file("c" + random.nextInt(4), "f" + names++);
    String branch = kind == 9 ? "audit" : "main";
    if (kind == 8) {
      Map<String, String> taken = Map.of("added-data-files", "x");
      return new Sent("bad", "", lake.submit(CommitLake.append(taken, file)), () -> {});
    }
    Map<String, String> summary = kind == 7 ? Map.of("job", "j" + random.nextInt(2)) : Map.of();
    return new Sent(
        "append",
        CommitLake.city(file),
        lake.submit(CommitLake.onBranch(branch, summary, file)),
        () -> model.get(branch).put(CommitLake.name(file), file));
  }

  private Sent delta(DataFile file, int formatVersion, long base) {
    String city = CommitLake.city(file);
    if (random.nextInt(3) == 0) {
      DataFile by = lake.file(city, "f" + names++);
      return new Sent(
          "delta",
          city,
          lake.submit(CommitLake.replace(file, by, base).under(IsolationLevel.SNAPSHOT)),
          () -> {
            assertThat(model.get("main").remove(CommitLake.name(file))).isNotNull();
            model.get("main").put(CommitLake.name(by), by);
          });
    }
    // A file is marked once at most: another vector would have to replace the first.
    DataFile fresh = lake.file(city, "f" + names++);
    RowChange adding = CommitLake.append(fresh);
    return formatVersion == 2
        ? new Sent(
            "delta",
            city,
            lake.submit(
                CommitLake.mark(file, lake.deletesOf(file), base).under(IsolationLevel.SNAPSHOT)),
            () -> assertThat(model.get("main")).containsKey(CommitLake.name(file)))
        : new Sent(
            "append",
            city,
            lake.submit(adding),
            () -> model.get("main").put(CommitLake.name(fresh), fresh));
  }

  private void appendElsewhere() {
    DataFile file = lake.file("elsewhere", "f" + names++);
    lake.foreign().loadTable(CommitLake.ORDERS).newFastAppend().appendFile(file).commit();
    model.get("main").put(CommitLake.name(file), file);
  }
}
