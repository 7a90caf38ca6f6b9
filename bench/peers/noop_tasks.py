"""Empty tasks per second on two processes. Arguments: ray, dask or spark; number of tasks."""

import sys
import time

engine, tasks = sys.argv[1], int(sys.argv[2])


def nothing(_=None):
    return None


def rate(run):
    run(max(1, tasks // 20))
    begin = time.perf_counter()
    run(tasks)
    return tasks / (time.perf_counter() - begin)


if __name__ == "__main__":
    if engine == "ray":
        import ray

        ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
        remote = ray.remote(nothing)
        print(rate(lambda count: ray.get([remote.remote() for _ in range(count)])))
        ray.shutdown()
    elif engine == "dask":
        from dask.distributed import Client, LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as cluster:
            with Client(cluster) as client:
                print(rate(lambda count: client.gather(client.map(nothing, range(count), pure=False))))
    else:
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        # In the JVM only: Python workers would be slower.
        print(rate(lambda count: spark.range(0, count, 1, count).count()))
