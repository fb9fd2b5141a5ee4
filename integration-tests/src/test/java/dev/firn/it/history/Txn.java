package dev.firn.it.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What one worker did at once, as it saw it.
 *
 * @param begin before it began, on a clock that all processes share
 * @param end after its outcome was known
 * @param checked whether it may take effect only where everything that it read is still so
 */
record Txn(
    String worker,
    long begin,
    long end,
    Outcome outcome,
    boolean checked,
    List<Read> reads,
    List<Write> writes) {
  enum Outcome {
    APPLIED,
    NOT_APPLIED,
    UNKNOWN
  }

  /** Stands for the version of the newest of the elements that were read. */
  static final long NEWEST_SEEN = -1;

  /** Stands for elements that were not looked at. */
  static final List<Long> UNSEEN = List.of(-1L);

  /**
   * @param version the sequence number of the snapshot that was read; 0 for none; or {@link
   *     #NEWEST_SEEN}
   * @param elements what a scan of it gave; {@link #UNSEEN} where only the pointer was read
   */
  record Read(String table, long version, List<Long> elements) {}

  /**
   * @param element a number that is written once in the whole history
   * @param version the sequence number of the snapshot that holds it; 0 where it is not known
   */
  record Write(String table, long element, long version) {}

  Txn with(List<Read> others) {
    return new Txn(worker, begin, end, outcome, checked, others, writes);
  }

  Txn {
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
  }

  /** Returns the transaction as one line, for {@link #parse}. */
  String line() {
    return "%s %d %d %s %b %s %s"
        .formatted(
            worker,
            begin,
            end,
            outcome,
            checked,
            reads.stream()
                .map(r -> r.table + ":" + r.version + ":" + numbers(r.elements))
                .collect(Collectors.joining(";", "r=", "")),
            writes.stream()
                .map(w -> w.table + ":" + w.element + ":" + w.version)
                .collect(Collectors.joining(";", "w=", "")));
  }

  static Txn parse(String line) {
    String[] parts = line.split(" ", -1);
    List<Read> reads = new ArrayList<>();
    for (String read : items(parts[5])) {
      String[] of = read.split(":", -1);
      reads.add(new Read(of[0], Long.parseLong(of[1]), numbers(of[2])));
    }
    List<Write> writes = new ArrayList<>();
    for (String write : items(parts[6])) {
      String[] of = write.split(":", -1);
      writes.add(new Write(of[0], Long.parseLong(of[1]), Long.parseLong(of[2])));
    }
    return new Txn(
        parts[0],
        Long.parseLong(parts[1]),
        Long.parseLong(parts[2]),
        Outcome.valueOf(parts[3]),
        Boolean.parseBoolean(parts[4]),
        reads,
        writes);
  }

  private static List<String> items(String part) {
    return part.length() == 2 ? List.of() : Arrays.asList(part.substring(2).split(";", -1));
  }

  private static String numbers(List<Long> numbers) {
    return numbers.stream().map(n -> Long.toString(n)).collect(Collectors.joining(","));
  }

  private static List<Long> numbers(String text) {
    return text.isEmpty() ? List.of() : Arrays.stream(text.split(",")).map(Long::valueOf).toList();
  }
}
