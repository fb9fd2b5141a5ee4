package dev.firn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop of the user guide, as it stands there. */
class StreamExampleTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Row(long id) {}

  /** A source of ten rows, two at a time. */
  private static final class Source {
    private long position;
    private List<Row> batch = List.of();

    void seekAfter(Optional<String> token) {
      position = token.map(Long::parseLong).orElse(0L);
    }

    boolean next() {
      batch = LongStream.range(position, Math.min(10, position + 2)).mapToObj(Row::new).toList();
      position += batch.size();
      return !batch.isEmpty();
    }

    List<Row> batch() {
      return batch;
    }

    String position() {
      return Long.toString(position);
    }
  }

  // begin
  void copy(LakeTable orders, Source source) {
    while (true) {
      try (StreamWriter stream = orders.stream("orders-topic-0")) {
        source.seekAfter(stream.lastToken());
        while (source.next()) {
          stream.writeAll(source.batch());
          stream.commit(source.position());
        }
        return;
      } catch (FirnException e) {
        switch (e.kind()) {
          case UNAVAILABLE, COMMIT_STATE_UNKNOWN -> {}
          default -> throw e;
        }
      }
    }
  }

  // end

  @Test
  void loopOfTheUserGuideCopiesEachRowOnce(@TempDir Path directory) {
    try (Lakehouse lake = Lakehouse.open(directory.resolve("lake"))) {
      LakeTable orders = lake.createTable("shop.orders", SCHEMA);
      copy(orders, new Source());
      copy(orders, new Source());

      assertThat(orders.scan().toList(Row.class))
          .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 10).mapToObj(Row::new).toList());
      assertThat(orders.stream("orders-topic-0").lastToken()).contains("10");
    }
  }

  @Test
  void loopIsTheOneThatTheUserGuideShows() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    String guide = Files.readString(module.resolveSibling("docs/user-guide/java-api.md"));
    String test = Files.readString(module.resolve("src/test/java/dev/firn/StreamExampleTest.java"));
    String loop = test.substring(test.indexOf("// begin") + 8, test.indexOf("// end"));

    assertThat(bare(guide)).contains(bare(loop));
  }

  private static String bare(String code) {
    return code.replaceAll("//.*", "").replaceAll("\\s", "");
  }
}
