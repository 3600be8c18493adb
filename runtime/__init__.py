"""What every room stands on: settings, the deployment, Redis, the Celery app, logging, words, the taxonomy.

Imports nothing of the other rooms."""
