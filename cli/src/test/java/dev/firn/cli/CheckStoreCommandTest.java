package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckStoreCommandTest {
  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void console() {
    firn = new Console(directory);
  }

  @Test
  void printsWhatTheWarehousesStoreCanDoAndLeavesNothing() throws IOException {
    assertThat(firn.ok("check-store"))
        .contains("feature")
        .containsPattern("conditional create +\\S* *yes +\\S* *ok")
        .contains("clean-up");
    assertThat(firn.err).contains("Firn can use file://" + directory.resolve("warehouse"));
    try (Stream<Path> left = Files.walk(directory).filter(Files::isRegularFile)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void takesAPlaceAndPrintsJson() {
    Path other = directory.resolve("other");
    assertThat(firn.ok("check-store -o json " + other))
        .contains("\"feature\":\"write\",\"needed\":\"yes\",\"status\":\"ok\",\"detail\":\"\"");
  }

  @Test
  void failsWhereSomethingNeededIsMissing() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThat(firn.run("check-store " + file)).isNotZero();
    assertThat(firn.out).contains("write").contains("failed");
    assertThat(firn.err)
        .contains(
            "firn: Cannot use store: write is failed, expected it to work [file://" + file + "]");
  }
}
