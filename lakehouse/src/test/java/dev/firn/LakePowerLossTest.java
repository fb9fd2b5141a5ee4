package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.local.LocalFileIO;
import dev.firn.testing.TableFiles;
import dev.firn.testing.disk.ForgetfulDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Power is cut at random steps of every operation: of what may be left of the tables' files, each
 * that the catalog's pointers reach is there, and whole. SQLite syncs its commits, so a commit that
 * was acknowledged is one that a pointer reaches.
 */
class LakePowerLossTest {
  /** No divisor of how many steps writing a file takes. */
  private static final int LOOK_EVERY = 37;

  @TempDir Path directory;

  private final long seed = Long.getLong("firn.power.seed", 1);
  private final Random random = new Random(seed);
  private final Set<String> losses = new HashSet<>();
  private final List<Path> reached = new ArrayList<>();
  private final AtomicInteger steps = new AtomicInteger();
  private ForgetfulDisk disk;

  @Test
  void whateverACommitReachesSurvives() throws IOException {
    history(FaultScenario.all());

    assertThat(steps).hasValueGreaterThan(500);
    assertThat(reached).hasSizeGreaterThan(100);
    assertThat(losses).as("seed %d", seed).isEmpty();
  }

  @Test
  void diskThatIgnoresForcesLosesCommits() throws IOException {
    open().ignoreForces();

    history(FaultScenario.all().subList(0, 3));

    assertThat(losses).anyMatch(loss -> loss.startsWith("lost"));
  }

  private ForgetfulDisk open() throws IOException {
    if (disk == null) {
      disk = new ForgetfulDisk(Files.createDirectory(directory.resolve("disk")));
    }
    return disk;
  }

  private String catalog() {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }

  private void history(List<FaultScenario> scenarios) throws IOException {
    open();
    Settings settings =
        Settings.of(
            Map.of("warehouse", directory.resolve("disk/lake").toString(), "catalog", catalog()));
    try (Lakehouse lake = Lakehouse.open(settings, stores -> LocalFileIO.on(disk.fileSystem()))) {
      disk.afterEachStep(this::step);
      int number = 0;
      for (FaultScenario scenario : scenarios) {
        String namespace = "n" + number++;
        for (int version : List.of(2, 3)) {
          String name = namespace + (version == 2 ? ".t" : ".u");
          FaultScenario.append(
              lake.createTable(name, FaultScenario.SCHEMA, t -> t.formatVersion(version)),
              1,
              2,
              3,
              4);
        }
        scenario.prepare().run(lake, namespace);
        scenario.act().run(lake, namespace);
        cutPower();
        lake.tables(namespace).forEach(lake::dropTable);
      }
      disk.afterEachStep(() -> {});
    }
  }

  private void step() {
    if (steps.incrementAndGet() % LOOK_EVERY == 0) {
      cutPower();
    }
  }

  /** Looks at what may be left, from outside. */
  private synchronized void cutPower() {
    try {
      List<String> pointers = pointers();
      Survivors left = new Survivors(disk.survivors(random.nextLong()));
      for (String pointer : pointers) {
        check(pointer, left);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void check(String pointer, Survivors left) throws IOException {
    try {
      BaseTable table = new BaseTable(new StaticTableOperations(pointer, left), "table");
      for (Path file : TableFiles.needed(table)) {
        reached.add(file);
        byte[] bytes = left.files().get(file);
        if (bytes == null) {
          losses.add("lost " + file);
        } else if (!Arrays.equals(bytes, Files.readAllBytes(file))) {
          losses.add("torn " + file);
        }
      }
    } catch (RuntimeException e) {
      losses.add("lost or torn, so that it cannot be read: " + e);
    }
  }

  private List<String> pointers() {
    List<String> pointers = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(catalog());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT metadata_location FROM iceberg_tables")) {
      while (rows.next()) {
        pointers.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return pointers;
  }

  /** Files that are left, to read. */
  private record Survivors(Map<Path, byte[]> files) implements FileIO {
    @Override
    public InputFile newInputFile(String location) {
      byte[] bytes = files.get(Path.of(location.replaceFirst("^file:/+", "/")));
      if (bytes == null) {
        throw new NotFoundException("%s", location);
      }
      return new InMemoryInputFile(location, bytes);
    }

    @Override
    public OutputFile newOutputFile(String location) {
      throw new UnsupportedOperationException(location);
    }

    @Override
    public void deleteFile(String location) {
      throw new UnsupportedOperationException(location);
    }
  }
}
