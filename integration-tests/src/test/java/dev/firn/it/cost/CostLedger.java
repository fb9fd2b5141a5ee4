package dev.firn.it.cost;

import static org.assertj.core.api.Assertions.fail;

import dev.firn.testing.S3Server;
import dev.firn.testing.s3.S3Exchange;
import dev.firn.testing.s3.S3RequestKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What operations cost, against what the golden file says that they cost: each operation's requests
 * by what they ask for and of which kind of file. Confined to one thread.
 */
final class CostLedger {
  private static final String WRITE = "firn.costs.write";
  private static final String FILE = "integration-tests/src/test/resources/costs.txt";
  private static final int MEGABYTE = 1_000_000;

  private final S3Server server;
  private final Golden golden;

  private CostLedger(S3Server server, Golden golden) {
    this.server = server;
    this.golden = golden;
  }

  static CostLedger open(S3Server server) throws IOException {
    return new CostLedger(server, Golden.read(Path.of(System.getProperty("firn.root"), FILE)));
  }

  /**
   * Does the work, and compares the requests from when it calls what it is given to its end.
   *
   * @param title of the operation's block in the file
   */
  void check(String title, String bucket, Consumer<Runnable> work) throws IOException {
    work.accept(() -> server.requests().reset(bucket));
    List<String> actual = lines(server.requests().of(bucket));
    List<String> expected = golden.block(title);
    if (Boolean.getBoolean(WRITE)) {
      golden.put(title, actual);
    } else if (!expected.equals(actual)) {
      fail(
          "[%s] costs other requests than %s says:%n%s%nIf that is meant: %s",
          title, FILE, Golden.difference(expected, actual), command());
    }
  }

  private static String command() {
    return "mvn -pl integration-tests -am test -Dfirn.quick -Dtest=CostsIT"
        + " -Dsurefire.failIfNoSpecifiedTests=false -D"
        + WRITE
        + "=true";
  }

  /** What requests have in common that are counted together. */
  private record Shape(S3RequestKind kind, String label, FileKind file)
      implements Comparable<Shape> {
    private static final Comparator<Shape> ORDER =
        Comparator.comparing(Shape::kind).thenComparing(Shape::label).thenComparing(Shape::file);

    static Shape of(S3Exchange exchange) {
      return new Shape(exchange.kind(), label(exchange), FileKind.of(exchange.key()));
    }

    private static String label(S3Exchange exchange) {
      boolean tail =
          exchange.request().header("range").filter(r -> r.startsWith("bytes=-")).isPresent();
      boolean conditional = exchange.request().header("if-none-match").isPresent();
      return switch (exchange.kind()) {
        case GET -> "GET whole";
        case GET_RANGE -> tail ? "GET tail" : "GET range";
        default -> exchange.kind() + (conditional ? " if absent" : "");
      };
    }

    @Override
    public int compareTo(Shape other) {
      return ORDER.compare(this, other);
    }
  }

  private static List<String> lines(List<S3Exchange> exchanges) {
    Map<Shape, List<S3Exchange>> shapes = new TreeMap<>();
    for (S3Exchange each : exchanges) {
      shapes.computeIfAbsent(Shape.of(each), shape -> new ArrayList<>()).add(each);
    }
    List<String> lines = new ArrayList<>();
    shapes.forEach(
        (shape, all) -> lines.add(line(shape.label(), shape.file().label(), all) + bytes(all)));
    lines.add(line("total", "", exchanges));
    return lines;
  }

  private static String line(String what, String file, List<S3Exchange> all) {
    return String.format(Locale.ROOT, "%-20s %-14s %5d", what, file, all.size());
  }

  /** Whole megabytes, and none of what is smaller, which differs a little from run to run. */
  private static String bytes(List<S3Exchange> all) {
    long bytes = all.stream().mapToLong(each -> each.sent() + each.answered()).sum();
    return bytes < MEGABYTE ? "" : "  %d MB".formatted((bytes + MEGABYTE / 2) / MEGABYTE);
  }
}
