package dev.firn.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Aligned columns. The first {@link #SAMPLE_ROWS} rows set the widths; a later, wider value pushes
 * its line out of line, or is cut on a terminal. Memory does not grow beyond the sample. Line ends
 * within cells are escaped, but in the one row of a text result, such as that of EXPLAIN.
 */
final class TablePrinter implements RowPrinter {
  static final int SAMPLE_ROWS = 500;
  private static final int UNLIMITED = Integer.MAX_VALUE;
  private static final int NARROWEST = 8;
  private static final String GAP = "  ";

  private final DataOut out;
  private final List<Column> columns;
  private final int lineWidth;
  private final List<List<String>> sample = new ArrayList<>();
  private int @Nullable [] widths;

  /** Lines are cut to {@code terminalColumns}; null means that there is no terminal. */
  TablePrinter(DataOut out, List<Column> columns, @Nullable Integer terminalColumns) {
    this.out = out;
    this.columns = List.copyOf(columns);
    this.lineWidth = terminalColumns == null ? UNLIMITED : terminalColumns;
  }

  @Override
  public void row(List<? extends @Nullable Object> values) {
    List<String> cells = new ArrayList<>(columns.size());
    for (Object value : values) {
      cells.add(value == null ? "NULL" : CellText.of(value));
    }
    if (widths != null) {
      line(printable(cells), widths);
      return;
    }
    sample.add(cells);
    if (sample.size() == SAMPLE_ROWS) {
      printSample();
    }
  }

  private static List<String> printable(List<String> cells) {
    return cells.stream().map(DisplayWidth::printable).toList();
  }

  private void printSample() {
    boolean text = sample.size() == 1 && columns.stream().noneMatch(Column::number);
    List<List<String>> lines = text ? lines(sample.get(0)) : List.copyOf(sample);
    sample.clear();
    lines.forEach(cells -> sample.add(printable(cells)));
    int[] measured = fit(measure());
    widths = measured;
    line(columns.stream().map(column -> DisplayWidth.printable(column.name())).toList(), measured);
    line(IntStream.of(measured).mapToObj("-"::repeat).toList(), measured);
    sample.forEach(cells -> line(cells, measured));
    sample.clear();
  }

  /** Spreads one row over as many lines as its longest cell has. */
  private static List<List<String>> lines(List<String> row) {
    List<List<String>> cells = row.stream().map(cell -> cell.lines().toList()).toList();
    int height = cells.stream().mapToInt(List::size).max().orElse(0);
    List<List<String>> lines = new ArrayList<>();
    for (int i = 0; i < Math.max(1, height); i++) {
      int at = i;
      lines.add(cells.stream().map(cell -> at < cell.size() ? cell.get(at) : "").toList());
    }
    return lines;
  }

  private int[] measure() {
    int[] needed = new int[columns.size()];
    for (int i = 0; i < needed.length; i++) {
      needed[i] = Math.max(1, DisplayWidth.of(DisplayWidth.printable(columns.get(i).name())));
      for (List<String> cells : sample) {
        needed[i] = Math.max(needed[i], DisplayWidth.of(cells.get(i)));
      }
    }
    return needed;
  }

  /** Takes cells from the widest column until the line fits or every column is narrow. */
  private int[] fit(int[] needed) {
    long excess = IntStream.of(needed).asLongStream().sum() - available();
    while (excess > 0) {
      int widest = 0;
      for (int i = 1; i < needed.length; i++) {
        widest = needed[i] > needed[widest] ? i : widest;
      }
      if (needed[widest] <= NARROWEST) {
        break;
      }
      needed[widest]--;
      excess--;
    }
    return needed;
  }

  private long available() {
    return (long) lineWidth - (long) GAP.length() * (columns.size() - 1);
  }

  private void line(List<String> cells, int[] at) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < at.length; i++) {
      String cell = lineWidth == UNLIMITED ? cells.get(i) : DisplayWidth.cut(cells.get(i), at[i]);
      String padding = " ".repeat(Math.max(0, at[i] - DisplayWidth.of(cell)));
      line.append(i == 0 ? "" : GAP);
      line.append(columns.get(i).number() ? padding + cell : cell + padding);
    }
    out.line(line.toString().stripTrailing());
  }

  /** The widths are then those of the rows so far. */
  @Override
  public void flush() {
    if (widths == null && !sample.isEmpty()) {
      printSample();
    }
    out.flush();
  }

  @Override
  public void close() {
    if (widths == null) {
      printSample();
    }
    out.flush();
  }
}
