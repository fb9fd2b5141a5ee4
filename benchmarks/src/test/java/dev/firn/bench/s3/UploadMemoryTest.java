package dev.firn.bench.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadMemoryTest {
  @TempDir private Path directory;

  @Test
  void measuresBothSidesWhichWriteTheSame() throws Exception {
    Run run =
        new Run(
            directory,
            true,
            Pattern.compile("upload"),
            new PrintStream(OutputStream.nullOutputStream()));
    new UploadMemory(run).run();
    assertThat(run.results()).hasSize(2).allMatch(Result::correct);
    Result memory = run.results().get(0);
    assertThat(memory.id()).isEqualTo("s3.upload.1g.memory-mb");
    assertThat(memory.ours()).as("parts in flight, and the one that fills").isBetween(1.0, 64.0);
  }
}
