package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.jdbc.Pointers.Move;
import dev.firn.catalog.jdbc.Pointers.Swap;
import dev.firn.testing.ChildJvm;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDatabaseTest extends DatabaseContract {
  private static final int SQLITE_BUSY = 5;

  @TempDir Path directory;

  @Override
  String uri() {
    return "jdbc:sqlite:" + directory.resolve("catalog.db");
  }

  @Override
  SQLException passing() {
    return new SQLException("database is locked", null, SQLITE_BUSY);
  }

  @Test
  void writersOfSeveralProcessesLoseNoUpdateAndNeverFindItBusy() throws InterruptedException {
    TableIdentifier counter = TableIdentifier.of("process", "counter");
    try (Database database = MigrationsContract.open(uri())) {
      new Namespaces(database, "firn").create(Namespace.of("process"), Map.of());
      Swap create = new Swap(List.of(new Move(counter, null, "0")), List.of(), List.of());
      assertThat(new Pointers(database, "firn").swap(create))
          .isEqualTo(new Pointers.Result.Applied());
      List<ChildJvm> processes = new ArrayList<>();
      try {
        for (int i = 0; i < 3; i++) {
          Path errors = directory.resolve("errors" + i);
          List<String> arguments = List.of(uri(), "process", "counter", "100");
          processes.add(ChildJvm.start(Counting.class, errors, arguments));
        }
        for (ChildJvm process : processes) {
          assertThat(process.line()).isEqualTo("open");
        }
        processes.forEach(ChildJvm::go);
        for (ChildJvm process : processes) {
          assertThat(process.rest()).as(process.errors()).containsExactly("100");
        }
      } finally {
        processes.forEach(ChildJvm::close);
      }
      assertThat(new Pointers(database, "firn").find(counter)).contains("300");
    }
  }
}
