package dev.firn.cli.command;

import dev.firn.ScanCursor;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.Session;
import java.util.List;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** Prints changes up to a limit; begins anew where their columns change. Confined to one thread. */
final class ChangePrinter implements AutoCloseable {
  private final Session session;
  private long left;
  private @Nullable RowPrinter printer;
  private List<NestedField> columns = List.of();

  ChangePrinter(Session session, long limit) {
    this.session = session;
    this.left = limit;
  }

  /** Prints rows; false where the limit left some out. */
  boolean print(ScanCursor rows) {
    RowPrinter to = printer(rows.schema().columns());
    for (Record row : rows) {
      session.checkInterrupted();
      if (left == 0) {
        return false;
      }
      left--;
      to.row(ScanCommand.values(row));
    }
    return true;
  }

  private RowPrinter printer(List<NestedField> fields) {
    RowPrinter open = printer;
    if (open != null && fields.equals(columns)) {
      return open;
    }
    if (open != null) {
      session.message("The columns have changed");
      open.close();
    }
    RowPrinter made = session.rows(ScanCommand.columns(fields));
    printer = made;
    columns = fields;
    return made;
  }

  boolean full() {
    return left == 0;
  }

  void flush() {
    if (printer != null) {
      printer.flush();
    }
  }

  /** Ends the output as whole. */
  void end() {
    if (printer != null) {
      printer.close();
      printer = null;
    }
  }

  /** Leaves output that did not come to its end as it is: it must not look whole. */
  @Override
  public void close() {
    printer = null;
  }
}
