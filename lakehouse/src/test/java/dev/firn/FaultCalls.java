package dev.firn;

import dev.firn.testing.Fault;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.SqlFault;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How many calls an operation makes, and so the faults that it can meet.
 *
 * @param files how often each file operation is called
 * @param statements how often the database is
 */
record FaultCalls(Map<FileOperation, Long> files, int statements) {
  private enum Statement {
    FAILS_BEFORE,
    FAILS_AFTER,
    BREAKS_BEFORE,
    BREAKS_AFTER;

    SqlFault fault(int nth) {
      return switch (this) {
        case FAILS_BEFORE -> SqlFault.before(nth);
        case FAILS_AFTER -> SqlFault.after(nth);
        case BREAKS_BEFORE -> SqlFault.before(nth).cutting();
        case BREAKS_AFTER -> SqlFault.after(nth).cutting();
      };
    }
  }

  static FaultCalls since(FaultyFileIO store, FaultyDataSource database) {
    Map<FileOperation, Long> files = new EnumMap<>(FileOperation.class);
    for (FileOperation operation : FileOperation.values()) {
      files.put(operation, store.count(operation));
    }
    return new FaultCalls(files, database.calls().size());
  }

  /** Returns every fault of the database that the operation can meet. */
  List<FaultPlan> ofDatabase(FaultyDataSource database) {
    List<FaultPlan> plans = new ArrayList<>();
    for (Statement how : Statement.values()) {
      for (int nth = 1; nth <= statements; nth++) {
        SqlFault fault = how.fault(nth);
        String name = "database call %d %s".formatted(nth, how);
        plans.add(new FaultPlan(name, () -> database.add(fault)));
      }
    }
    return plans;
  }

  /** Returns every fault of the store that the operation can meet. */
  List<FaultPlan> ofStore(FaultyFileIO store) {
    List<FaultPlan> plans = new ArrayList<>();
    files.forEach(
        (operation, count) -> {
          for (int nth = 1; nth <= count; nth++) {
            for (Fault fault : faults(operation, nth)) {
              String name = "%s %d of a file fails %s".formatted(operation, nth, fault.moment());
              plans.add(new FaultPlan(name, () -> store.add(fault)));
            }
          }
        });
    return plans;
  }

  /** Operations without an effect fail in one way, the others before and after it. */
  private static List<Fault> faults(FileOperation operation, int nth) {
    return switch (operation) {
      case STAT, OPEN, READ, LIST -> List.of(Fault.before(operation, nth));
      case WRITE -> List.of(Fault.diskFull(nth));
      case CREATE, CLOSE, DELETE ->
          List.of(Fault.before(operation, nth), Fault.after(operation, nth));
    };
  }
}
