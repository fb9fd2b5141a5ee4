package dev.firn.it.erase;

import dev.firn.Lakehouse;
import java.util.Map;

/** The process that is killed: says {@code ready}, waits to be told to go, and erases. */
final class ErasingProcess {
  private ErasingProcess() {}

  /** Arguments: warehouse and catalog. */
  public static void main(String[] args) throws Exception {
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", args[0], "catalog", args[1]))) {
      System.out.println("ready");
      if (System.in.read() >= 0) {
        boolean proven = lake.table(ErasedTable.NAME).erase(ErasedTable.WHERE).run().isProven();
        System.out.println(proven ? "proven" : "not proven");
      }
    }
  }
}
