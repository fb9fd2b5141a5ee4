package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Files on local disk; calls of the store and of the database fail at their seams. */
final class DiskGround implements FaultGround {
  private final Path directory;
  private final Settings settings;
  private @Nullable FaultyFileIO store;
  private @Nullable FaultyDataSource database;

  DiskGround(Path directory, String database) {
    this.directory = directory.resolve("lake");
    this.settings =
        Settings.of(Map.of("warehouse", this.directory.toString(), "catalog", database));
  }

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public Lakehouse openFaulty() {
    return Lakehouse.open(
        settings,
        files -> store = new FaultyFileIO(files),
        pool -> database = new FaultyDataSource(pool));
  }

  @Override
  public void reset() {
    store.reset();
    database.reset();
  }

  @Override
  public List<List<FaultPlan>> plans() {
    FaultCalls calls = FaultCalls.since(store, database);
    return List.of(calls.ofStore(store), calls.ofDatabase(database));
  }

  @Override
  public Set<String> present() {
    Set<String> files = new TreeSet<>();
    TableFiles.present(directory).forEach(file -> files.add(file.toString()));
    return files;
  }

  @Override
  public boolean age(String location) {
    assertThat(Path.of(location).toFile().setLastModified(1_000)).isTrue();
    return true;
  }

  @Override
  public void assertNothingOpen(String what) {
    // whatever a file can leave on disk is a file
  }
}
