package dev.firn.storage.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.Store;
import dev.firn.storage.StoreOutputFile;
import dev.firn.storage.StoreOutputStream;
import dev.firn.storage.local.LocalFileIO;
import dev.firn.storage.probe.ProbeResult.Status;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCheckTest {
  @TempDir private Path directory;

  @Test
  void findsALocalDiskFitAndLeavesNothing() throws IOException {
    List<ProbeResult> results = check(new LocalFileIO(), Clock.systemUTC());
    assertThat(results).allMatch(result -> result.status() == Status.OK);
    assertThat(results)
        .extracting(ProbeResult::feature)
        .contains("conditional create", "race of 8 creates", "suffix read", "clean-up");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void findsAStoreWithoutConditionalCreatesUnfit() {
    List<ProbeResult> results = check(overwriting(new LocalFileIO()), Clock.systemUTC());
    assertThat(results.stream().filter(ProbeResult::prevents))
        .extracting(ProbeResult::feature)
        .containsExactly("conditional create", "race of 8 creates");
    assertThat(results)
        .filteredOn(ProbeResult::prevents)
        .allMatch(result -> result.status() == Status.MISSING)
        .allMatch(result -> result.detail().contains("s3.conditional-writes-enabled"));
  }

  @Test
  void tellsOfClocksThatAreApartAndDoesNotMind() {
    Clock late = Clock.offset(Clock.systemUTC(), Duration.ofHours(-2));
    assertThat(check(new LocalFileIO(), late))
        .filteredOn(result -> result.status() != Status.OK)
        .singleElement()
        .satisfies(
            result -> {
              assertThat(result.feature()).isEqualTo("clocks");
              assertThat(result.detail()).contains("apart; set this machine's clock");
              assertThat(result.prevents()).isFalse();
            });
  }

  @Test
  void endsWhereNothingCanBeWritten() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    List<ProbeResult> results =
        new StoreCheck(new LocalFileIO(), file.toString(), Clock.systemUTC()).run();
    assertThat(results).singleElement().matches(ProbeResult::prevents);
    assertThat(results.get(0).status()).isEqualTo(Status.FAILED);
    assertThat(results.get(0).detail()).contains(file.toString());
  }

  private List<ProbeResult> check(Store store, Clock clock) {
    return new StoreCheck(store, directory.toString(), clock).run();
  }

  /** A store that replaces what it should create. */
  private static Store overwriting(Store store) {
    return proxy(
        Store.class,
        store,
        (name, arguments) -> {
          if (name.equals("putIfAbsent")) {
            byte[] bytes = ((ByteBuffer) arguments[1]).array();
            try (StoreOutputStream out =
                store.newOutputFile((String) arguments[0]).createOrOverwrite()) {
              out.write(bytes);
            }
            return true;
          }
          if (name.equals("newOutputFile")) {
            StoreOutputFile file = store.newOutputFile((String) arguments[0]);
            return proxy(
                StoreOutputFile.class,
                file,
                (method, none) -> method.equals("create") ? file.createOrOverwrite() : null);
          }
          return null;
        });
  }

  /** Stands in for some methods: those for which it returns something. */
  @FunctionalInterface
  private interface Instead {
    Object call(String method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, T target, Instead instead) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object answer = instead.call(method.getName(), arguments);
              if (answer != null) {
                return answer;
              }
              try {
                return method.invoke(target, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
