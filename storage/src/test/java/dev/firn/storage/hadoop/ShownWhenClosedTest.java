package dev.firn.storage.hadoop;

import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.scheme.SchemeFileIO;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract, where closing a new file publishes it, as on {@code gs:}. */
class ShownWhenClosedTest extends StoreContract {
  @TempDir Path directory;

  private final SchemeFileIO files = new SchemeFileIO();

  @BeforeEach
  void configure() {
    files.initialize(Map.of("hadoop.fs.gs.impl", ShownWhenClosedFileSystem.class.getName()));
  }

  @AfterEach
  void close() {
    files.close();
  }

  @Override
  protected Store files() {
    return files;
  }

  @Override
  protected String root() {
    return "gs://" + directory;
  }

  @Override
  protected boolean tailTellsLength() {
    return false;
  }

  @Override
  public int manyFiles() {
    return 100;
  }
}
