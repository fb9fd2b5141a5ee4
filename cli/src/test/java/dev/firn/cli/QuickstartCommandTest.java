package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartCommandTest {
  @TempDir Path directory;

  @Test
  void tellsTheWholeStoryAndLeavesTablesThatItsCommandsRead() {
    Console firn = new Console(directory);
    String story = firn.ok("quickstart --scale 0.001");

    assertThat(story)
        .contains("[1/9]", "[9/9]", "all 15 checks held")
        .contains("$ firn describe tpch.lineitem\n");
    assertThat(firn.ok("describe tpch.lineitem -o json"))
        .contains("\"delete_files\":0", "year(l_shipdate)", "before-corrections");
    assertThat(firn.ok("sql -o csv", "-c", "SELECT count(*) AS n FROM tpch.orders"))
        .isEqualTo("n\n1500\n");
    assertThat(
            firn.ok(
                "sql -o csv --as-of before-corrections",
                "-c",
                "SELECT count(l_channel) AS n FROM tpch.lineitem"))
        .isNotEqualTo("n\n0\n");
  }

  @Test
  void leavesTablesAloneThatAreNotItsOwn() {
    Console firn = new Console(directory);
    firn.ok("create tpch.orders", "id bigint");
    assertThat(firn.run("quickstart --scale 0.001")).isEqualTo(4);
    assertThat(firn.err).contains("tpch.orders exists and is not the quickstart's");
    assertThat(firn.ok("describe tpch.orders -o json")).contains("\"id\"");
  }

  @Test
  void refusesAScaleThatIsNone() {
    Console firn = new Console(directory);
    assertThat(firn.run("quickstart --scale 0")).isEqualTo(2);
    assertThat(firn.err).contains("--scale must be above 0");
  }
}
